import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("Unread messages of a room")
struct UnreadMessagesTests {
    private struct Room {
        var unread = UnreadMessages()
        var position: Int64 = 0

        mutating func note(_ type: EventType, by sender: UserID, key: String? = nil, _ content: JSONObject = [:]) {
            position += 1
            unread.note(makeEvent(type, key: key, sender: sender, content: content, at: StreamPosition(position)))
        }

        /// What the event before means to whom.
        mutating func weigh(_ base: NoticeLevel, _ deviations: [UserID: NoticeLevel] = [:], sender: UserID = Names.bob) {
            let notices = EventNotices(base: base, deviations: deviations)
            unread.note(NoticedEvent(position: StreamPosition(position), sender: sender, notices: notices))
        }

        mutating func join(_ user: UserID, by sender: UserID? = nil) {
            note(.member, by: sender ?? user, key: user.rawValue, ["membership": "join"])
        }

        func counts(_ users: UserID...) -> [Int] { users.map { unread.counts(for: $0).notifications } }
    }

    @Test("messages of others count, one's own do not")
    func counts() {
        var room = Room()
        for user in [Names.alice, Names.bob, Names.carol] { room.join(user) }
        room.note(.message, by: Names.alice)
        room.note("m.room.encrypted", by: Names.bob)
        #expect(room.counts(Names.alice, Names.bob, Names.carol) == [1, 0, 2])
    }

    @Test("nothing but messages counts")
    func otherEvents() {
        var room = Room()
        room.join(Names.alice)
        room.note("m.reaction", by: Names.bob)
        room.note(.topic, by: Names.bob, key: "")
        room.note(.message, by: Names.bob, key: "")
        #expect(room.counts(Names.alice) == [0])
    }

    @Test("what was redacted counts no more, also where it was addressed to somebody")
    func redacted() {
        var room = Room()
        for user in [Names.alice, Names.carol] { room.join(user) }
        room.note(.message, by: Names.bob)
        room.note(.message, by: Names.bob)
        room.weigh(.notify, [Names.alice: .highlight])
        let marked = StreamPosition(room.position)
        #expect(room.unread.counts(for: Names.alice) == UnreadCounts(notifications: 2, highlights: 1))
        room.unread.noteRedacted(at: marked)
        #expect(room.unread.counts(for: Names.alice) == UnreadCounts(notifications: 1, highlights: 0))
        room.unread.noteRedacted(at: StreamPosition(marked.rawValue - 1))
        #expect(room.counts(Names.alice, Names.carol) == [0, 0])
    }

    @Test("whoever sends anything has read what came before")
    func sendingReads() {
        var room = Room()
        room.join(Names.alice)
        room.note(.message, by: Names.bob)
        #expect(room.counts(Names.alice) == [1])
        room.note("m.reaction", by: Names.alice)
        #expect(room.counts(Names.alice) == [0])
        room.note(.message, by: Names.bob)
        #expect(room.counts(Names.alice) == [1])
    }

    @Test("what was said before one came is not unread")
    func beforeJoining() {
        var room = Room()
        room.note(.message, by: Names.bob)
        room.join(Names.alice)
        #expect(room.counts(Names.alice) == [0])
        // Put into the room by somebody else.
        room.join(Names.carol, by: Names.bob)
        #expect(room.counts(Names.carol) == [0])
        room.note(.message, by: Names.bob)
        #expect(room.counts(Names.alice, Names.carol) == [1, 1])
    }

    @Test("a new name of somebody else's making reads nothing")
    func renamedByOther() {
        var room = Room()
        room.join(Names.alice)
        room.note(.message, by: Names.bob)
        room.join(Names.alice, by: Names.bob)
        #expect(room.counts(Names.alice) == [1])
    }

    @Test("counting stops at the highest count")
    func highest() {
        var room = Room()
        room.join(Names.alice)
        for _ in 0..<(UnreadMessages.highestCount - 1) { room.note(.message, by: Names.bob) }
        #expect(room.counts(Names.alice) == [99])
        for _ in 0..<3 { room.note(.message, by: Names.bob) }
        #expect(room.counts(Names.alice) == [100])
    }

    @Test("counts go on after a restart where they stood")
    func restored() {
        var room = Room(unread: UnreadMessages(), position: 20)
        for (position, sender) in [(12, Names.bob), (15, Names.alice), (19, Names.bob)] as [(Int64, UserID)] {
            room.unread.restore(
                NoticedEvent(position: StreamPosition(position), sender: sender, notices: EventNotices(base: .notify)))
        }
        room.unread.markRead(Names.alice, upTo: StreamPosition(15))
        room.unread.markRead(Names.carol, upTo: StreamPosition(11))
        #expect(room.counts(Names.alice, Names.bob, Names.carol) == [1, 1, 3])
        room.note(.message, by: Names.bob)
        #expect(room.counts(Names.alice, Names.bob, Names.carol) == [2, 0, 4])
    }

    @Test("rules make events count for some and not for others")
    func rules() {
        var room = Room()
        for user in [Names.alice, Names.carol] { room.join(user) }
        room.note(.message, by: Names.bob)
        room.weigh(.notify, [Names.carol: .none])
        #expect(room.counts(Names.alice, Names.carol) == [1, 0])
        room.note(.message, by: Names.bob)
        room.weigh(.none)
        #expect(room.counts(Names.alice, Names.carol) == [1, 0])
        room.note("m.reaction", by: Names.bob)
        room.weigh(.none, [Names.carol: .notify])
        #expect(room.counts(Names.alice, Names.carol) == [1, 1])
        room.note(.message, by: Names.bob)
        room.weigh(.notify, [Names.alice: .highlight])
        #expect(room.unread.counts(for: Names.alice) == UnreadCounts(notifications: 2, highlights: 1))
        #expect(room.unread.counts(for: Names.carol) == UnreadCounts(notifications: 2, highlights: 0))
    }

    @Test("a mention outlives a hundred messages after it")
    func mention() {
        var room = Room()
        room.join(Names.alice)
        room.note(.message, by: Names.bob)
        room.weigh(.notify, [Names.alice: .highlight])
        for _ in 0..<150 { room.note(.message, by: Names.bob) }
        #expect(room.unread.counts(for: Names.alice) == UnreadCounts(notifications: 100, highlights: 1))
    }
}

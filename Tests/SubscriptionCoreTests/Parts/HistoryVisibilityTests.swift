import MatrixModel
import SubscriptionCore
import Testing

/// One change in the life of a room, with its position.
private enum Happening {
    case visibility(JSON)
    case alice(String)
    case message
}

@Suite("What of a room's history one may see")
struct HistoryVisibilityTests {
    /// The room's events that Alice may see, by position; the room's events are numbered from 1.
    private static func seen(_ happenings: [Happening]) -> [Int] {
        var visibilityEvents: [PersistedEvent] = []
        var memberEvents: [PersistedEvent] = []
        for (index, happening) in happenings.enumerated() {
            let position = StreamPosition(Int64(index + 1))
            switch happening {
            case .visibility(let value):
                visibilityEvents.append(
                    makeEvent(.historyVisibility, key: "", content: ["history_visibility": value], at: position))
            case .alice(let membership):
                memberEvents.append(
                    makeEvent(
                        .member, key: Names.alice.rawValue, content: ["membership": .string(membership)], at: position))
            case .message: break
            }
        }
        let visibility = HistoryVisibility(visibilityEvents: visibilityEvents, memberEvents: memberEvents)
        return happenings.indices.map { $0 + 1 }.filter { visibility.canSee(StreamPosition(Int64($0))) }
    }

    @Test(
        "each setting shows a life in the room as the spec says",
        arguments: [
            // Messages at 2, 4, 6, 8, 10: outside, invited, joined, left, joined again. Before the first setting all is shared.
            ("world_readable", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
            ("shared", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
            ("invited", [1, 3, 4, 5, 6, 7, 9, 10]),
            ("joined", [1, 5, 6, 7, 9, 10]),
        ])
    func wholeLife(setting: String, seen: [Int]) {
        let life: [Happening] = [
            .visibility(.string(setting)), .message, .alice("invite"), .message, .alice("join"), .message, .alice("leave"),
            .message, .alice("join"), .message,
        ]
        #expect(Self.seen(life) == seen)
    }

    @Test(
        "somebody was in the room between two positions who was there at the first, or came up to the second",
        arguments: [
            (1, 2, false), (1, 3, true), (2, 2, false), (3, 3, true), (4, 4, true), (4, 9, true), (5, 5, false), (6, 6, false),
            (5, 7, false), (5, 8, true), (6, 8, true), (9, 3, true),
        ] as [(Int64, Int64, Bool)])
    func wasMember(start: Int64, end: Int64, expected: Bool) {
        // In from 3 to 4, out from 5 to 7, in again from 8 on.
        let memberEvents = [(1, "invite"), (3, "join"), (5, "leave"), (8, "join")].map { position, membership in
            makeEvent(
                .member, key: Names.alice.rawValue, content: ["membership": .string(membership)], at: StreamPosition(position))
        }
        let visibility = HistoryVisibility(visibilityEvents: [], memberEvents: memberEvents)
        #expect(visibility.wasMember(from: StreamPosition(start), to: StreamPosition(end)) == expected)
    }

    @Test(
        "who has left and stayed away sees what was there, and what is open to all",
        arguments: [
            ("world_readable", [1, 2, 3, 4, 5, 6, 7]), ("shared", [1, 2, 3, 4, 5]), ("invited", [1, 3, 4, 5]),
            ("joined", [1, 3, 4, 5]),
        ])
    func leftForGood(setting: String, seen: [Int]) {
        let life: [Happening] = [
            .visibility(.string(setting)), .message, .alice("join"), .message, .alice("leave"), .message, .message,
        ]
        #expect(Self.seen(life) == seen)
    }

    @Test(
        "an invitation that is declined shows no more than itself and what was open",
        arguments: [
            ("world_readable", [1, 2, 3, 4, 5, 6]), ("shared", []), ("invited", [3, 4, 5]), ("joined", []),
        ])
    func declined(setting: String, seen: [Int]) {
        let life: [Happening] = [
            .visibility(.string(setting)), .message, .alice("invite"), .message, .alice("leave"), .message,
        ]
        #expect(Self.seen(life) == seen)
    }

    @Test(
        "a stranger sees what is open to all, and nothing else",
        arguments: [("world_readable", [1, 2]), ("shared", []), ("invited", []), ("joined", [])])
    func stranger(setting: String, seen: [Int]) {
        #expect(Self.seen([.visibility(.string(setting)), .message]) == seen)
    }

    @Test("a banned user, like one who knocks, is outside", arguments: ["ban", "knock", "nonsense"])
    func outside(membership: String) {
        let life: [Happening] = [.visibility("shared"), .alice("join"), .message, .alice(membership), .message]
        #expect(Self.seen(life) == [1, 2, 3, 4])
    }

    @Test("a change in the middle leaves the earlier events as they were, and either side shows the change itself")
    func changed() {
        let opened: [Happening] = [.visibility("joined"), .message, .visibility("world_readable"), .message]
        #expect(Self.seen(opened) == [3, 4])
        let closed: [Happening] = [.visibility("world_readable"), .message, .visibility("joined"), .message]
        #expect(Self.seen(closed) == [1, 2, 3])
        let hiddenFromLater: [Happening] = [
            .visibility("shared"), .message, .visibility("joined"), .message, .visibility("shared"), .message, .alice("join"),
        ]
        #expect(Self.seen(hiddenFromLater) == [1, 2, 3, 5, 6, 7])
        let whileInvited: [Happening] = [
            .visibility("joined"), .alice("invite"), .message, .visibility("invited"), .message, .visibility("joined"), .message,
        ]
        #expect(Self.seen(whileInvited) == [4, 5, 6])
    }

    @Test(
        "no setting, an unknown one and one that was redacted count as shared", arguments: [nil, "everyone", 1, .null] as [JSON?])
    func unknown(setting: JSON?) {
        let life: [Happening] = [
            setting.map { .visibility($0) } ?? .message, .message, .alice("join"), .alice("leave"), .message,
        ]
        #expect(Self.seen(life) == [1, 2, 3, 4])
    }

    @Test("before any membership and any setting, nothing is seen")
    func nothing() {
        #expect(!HistoryVisibility(visibilityEvents: [], memberEvents: []).canSee(StreamPosition(1)))
        #expect(!HistoryVisibility(visibilityEvents: [], memberEvents: []).canSee(.zero))
    }
}

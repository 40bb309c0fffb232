import MatrixModel
import SubscriptionCore
import Testing

@Suite("What is new in the rooms that a device peeks into (MSC2753)")
struct PeekPlanTests {
    private static let bobsProfile = Names.profile(Names.bob)

    /// Bob's room den, positions 1 to 3, and his profile room, 4 to 7.
    private static func scene() -> Scene {
        var scene = Scene()
        scene.commit { $0.room(by: Names.bob) }
        scene.commit { $0.profileRoom(of: Names.bob) }
        return scene
    }

    @Test("a started peek shows the whole room, afterwards what is new, to that device alone")
    func started() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        for since in [nil, 0, 7] as [Int64?] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.peeked = [Names.den: .whole] })
        }
        #expect(scene.plan(Names.phone, since: 8) == ShownPlan())
        scene.commit { $0.message(by: Names.bob) }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.peeked = [Names.den: .events(9)] })
        #expect(scene.plan(Names.laptop, since: nil) == ShownPlan())
    }

    @Test("a renewed peek goes on without showing anything again")
    func renewed() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den, expires: 10) }
        scene.commit { $0.tell(.peekRenewed(Names.phone, Names.den, expires: Names.time(20))) }
        #expect(scene.plan(Names.phone, since: 8) == ShownPlan())
        #expect(scene.engine.livePeek(of: Names.phone, in: Names.den)?.expires == Names.time(20))
        #expect(scene.engine.livePeek(of: Names.phone, in: Names.den)?.started == StreamPosition(8))
    }

    @Test("an ended peek is told to who knew it to live", arguments: [PeekEnd.unpeeked, .expired, .notAllowed])
    func ended(reason: PeekEnd) {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        scene.commit { $0.message(by: Names.bob) }
        scene.commit { $0.endPeek(Names.phone, Names.den, reason) }
        for since in [8, 9] as [Int64] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.endedPeeks = [Names.den] })
        }
        for since in [nil, 0, 7, 10] as [Int64?] { #expect(scene.plan(Names.phone, since: since) == ShownPlan()) }
        #expect(scene.engine.livePeekCount(of: Names.phone) == 0)
        #expect(scene.engine.livePeeks(in: Names.den) == [])
    }

    @Test("a peek that ended and started again comes whole, without an end")
    func restarted() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        scene.commit { $0.endPeek(Names.phone, Names.den) }
        scene.commit { $0.peek(Names.phone, Names.den) }
        for since in [nil, 7, 8, 9] as [Int64?] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.peeked = [Names.den: .whole] })
        }
        scene.commit { $0.endPeek(Names.phone, Names.den) }
        for since in [8, 10] as [Int64] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.endedPeeks = [Names.den] })
        }
        #expect(scene.plan(Names.phone, since: 9) == ShownPlan())
    }

    @Test("a start while the peek lives begins it anew")
    func startedTwice() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        scene.commit { $0.peek(Names.phone, Names.den) }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.peeked = [Names.den: .whole] })
        #expect(scene.engine.livePeeks(of: Names.phone).map(\.started) == [StreamPosition(9)])
        #expect(scene.engine.livePeeks(in: Names.den).count == 1)
        scene.commit { $0.message(by: Names.bob) }
        #expect(scene.plan(Names.phone, since: 9) == .of { $0.peeked = [Names.den: .events(10)] })
    }

    @Test("after a join the device that peeked gets no state again, the user's other device the whole room")
    func joinedWhilePeeking() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        scene.commit { $0.message(by: Names.bob) }
        scene.commit { $0.join(Names.alice, endingPeeksOf: [Names.phone]) }
        scene.commit { $0.message(by: Names.bob) }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.joined = [Names.den: .events(9, 10, 12, unread: 1)] })
        #expect(scene.plan(Names.phone, since: 10) == .of { $0.joined = [Names.den: .events(12, unread: 1)] })
        let whole = ShownPlan.of { $0.joined = [Names.den: ShownRoom(.whole, unread: 1)] }
        #expect(scene.plan(Names.phone, since: 7) == whole)
        #expect(scene.plan(Names.phone, since: nil) == whole)
        for since in [nil, 7, 8, 9] as [Int64?] { #expect(scene.plan(Names.laptop, since: since) == whole) }
    }

    @Test("who peeked, joined, left and came back gets the room whole: the time between was not theirs to see")
    func rejoinedAfterPeeking() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        scene.commit { $0.join(Names.alice, endingPeeksOf: [Names.phone]) }
        scene.commit { $0.visibility("joined", by: Names.bob) }
        scene.commit { $0.member(.leave, Names.alice) }
        scene.commit { $0.message(by: Names.bob) }
        scene.commit { $0.member(.join, Names.alice) }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.joined = [Names.den: .whole] })
    }

    @Test("who peeked, joined and left is told of one end, not of two")
    func leftAfterPeeking() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        scene.commit { $0.join(Names.alice, endingPeeksOf: [Names.phone]) }
        scene.commit { $0.member(.leave, Names.alice) }
        let departure = ShownDeparture(end: 11)
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.left = [Names.den: departure] })
        scene.commit { $0.tell(.roomForgotten(Names.den, by: Names.alice)) }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.endedPeeks = [Names.den] })
    }

    @Test("who unpeeked and then joined gets the room whole")
    func joinedAfterUnpeeking() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        scene.commit { $0.endPeek(Names.phone, Names.den) }
        scene.commit { $0.member(.join, Names.alice) }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.joined = [Names.den: .whole] })
    }

    @Test("a long time in a peeked room is read from the store")
    func stored() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Names.den) }
        for _ in 0..<65 { scene.commit { $0.message(by: Names.bob) } }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.peeked = [Names.den: .stored] })
        scene.commit { $0.join(Names.alice, endingPeeksOf: [Names.phone]) }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.joined = [Names.den: .stored] })
    }

    // MARK: Profile rooms

    @Test("a watcher sees the lane that stands, then each presence and status that comes")
    func watched() {
        var scene = Self.scene()
        scene.commit { $0.presence("online", of: Names.bob) }
        scene.commit { $0.status("out", of: Names.bob) }
        scene.commit { $0.presence("unavailable", of: Names.bob) }
        scene.commit { $0.peek(Names.phone, Self.bobsProfile) }
        #expect(scene.plan(Names.phone, since: 7) == .of { $0.peeked = [Self.bobsProfile: .whole(lane: 9, 10)] })
        #expect(scene.plan(Names.phone, since: 11) == ShownPlan())
        scene.commit { $0.presence("busy", of: Names.bob) }
        scene.commit { $0.presence("online", of: Names.bob) }
        #expect(scene.plan(Names.phone, since: 11) == .of { $0.peeked = [Self.bobsProfile: .lane(13)] })
        scene.commit { $0.status("in", of: Names.bob) }
        #expect(scene.plan(Names.phone, since: 12) == .of { $0.peeked = [Self.bobsProfile: .lane(13, 14)] })
        #expect(scene.plan(Names.phone, since: 13) == .of { $0.peeked = [Self.bobsProfile: .lane(14)] })
        scene.commit { $0.profile(of: Names.bob) }
        #expect(scene.plan(Names.phone, since: 14) == .of { $0.peeked = [Self.bobsProfile: .events(15)] })
    }

    @Test("a lane that moves a hundred times keeps a room within memory's reach")
    func longLane() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Self.bobsProfile) }
        for _ in 0..<100 { scene.commit { $0.presence("online", of: Names.bob) } }
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.peeked = [Self.bobsProfile: .lane(108)] })
    }

    @Test("the owner sees the own profile room where a device peeks into it, and nowhere else")
    func ownProfile() {
        var scene = Self.scene()
        scene.commit { $0.presence("online", of: Names.bob) }
        let other = Names.device("TABLET", of: Names.bob)
        let expected = ShownPlan.of { $0.joined = [Names.den: .whole] }
        #expect(scene.plan(Names.bobs, since: nil) == expected)
        scene.commit { $0.peek(Names.bobs, Self.bobsProfile) }
        scene.commit { $0.profile(of: Names.bob) }
        scene.commit { $0.presence("busy", of: Names.bob) }
        #expect(scene.plan(other, since: nil) == expected)
        #expect(scene.plan(other, since: 7) == ShownPlan())
        let peeked = ShownRoom(.events([ShownEvent(position: 10)]), lane: [ShownEvent(position: 11)])
        #expect(scene.plan(Names.bobs, since: 9) == .of { $0.peeked = [Self.bobsProfile: peeked] })
        scene.commit { $0.endPeek(Names.bobs, Self.bobsProfile) }
        #expect(scene.plan(Names.bobs, since: 9) == .of { $0.endedPeeks = [Self.bobsProfile] })
    }

    @Test("a profile room is in nobody's list of rooms and makes nobody a contact")
    func profileRoomsAreApart() {
        var scene = Self.scene()
        scene.commit { $0.profileRoom(of: Names.alice) }
        scene.commit { $0.profile(of: Names.alice) }
        #expect(scene.plan(Names.phone, since: 0, legacy: true) == ShownPlan())
        let hearths = Names.device("X", of: Names.hearth)
        #expect(scene.plan(hearths, since: 0, legacy: true) == ShownPlan())
        #expect(scene.engine.joinedRooms(of: Names.alice) == [])
        #expect(!scene.engine.shareRoom(Names.alice, Names.hearth))
        #expect(scene.engine.contacts(of: Names.alice) == [Names.alice])
        #expect(scene.engine.profileRoom(of: Names.alice) == Names.profile(Names.alice))
        #expect(scene.engine.profileOwner(of: Names.profile(Names.alice)) == Names.alice)
        #expect(scene.engine.profileOwner(of: Names.den) == nil)
    }

    @Test("what happened in a profile room between one device's peek and another's is in the state of the second")
    func secondPeeker() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.phone, Self.bobsProfile) }
        scene.commit { $0.profile(of: Names.bob) }
        scene.commit { $0.peek(Names.laptop, Self.bobsProfile) }
        scene.commit { $0.profile(of: Names.bob) }
        #expect(scene.plan(Names.laptop, since: 8) == .of { $0.peeked = [Self.bobsProfile: .whole] })
        #expect(scene.plan(Names.laptop, since: 10) == .of { $0.peeked = [Self.bobsProfile: .events(11)] })
        #expect(scene.plan(Names.phone, since: 8) == .of { $0.peeked = [Self.bobsProfile: .events(9, 11)] })
        #expect(scene.engine.livePeeks(in: Self.bobsProfile).count == 2)
    }

    @Test("a deleted device has no peeks, live or ended")
    func deviceDeleted() {
        var scene = Self.scene()
        scene.commit {
            $0.peek(Names.phone, Names.den)
            $0.peek(Names.phone, Self.bobsProfile)
            $0.peek(Names.laptop, Names.den)
        }
        scene.commit { $0.endPeek(Names.phone, Names.den) }
        scene.commit { $0.tell(.deviceDeleted(Names.phone)) }
        #expect(scene.plan(Names.phone, since: 10) == ShownPlan())
        #expect(scene.engine.livePeeks(in: Self.bobsProfile) == [])
        #expect(scene.engine.livePeeks(in: Names.den).map(\.device) == [Names.laptop])
    }

    @Test("of very many ended peeks the oldest are forgotten first")
    func mostEnded() {
        var scene = Self.scene()
        let rooms = (0..<2_001).map { Names.room("r\($0)") }
        scene.commit { writer in for room in rooms { writer.peek(Names.phone, room) } }
        let since = scene.position
        scene.commit { writer in for room in rooms { writer.endPeek(Names.phone, room) } }
        #expect(scene.plan(Names.phone, since: since) == .of { $0.endedPeeks = Set(rooms.dropFirst()) })
    }
}

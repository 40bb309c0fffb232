import MatrixModel
import SubscriptionCore
import Testing

@Suite("What is new in the rooms that one has joined, was invited to and has left")
struct RoomPlanTests {
    /// Bob's room den, positions 1 to 3.
    private static func scene() -> Scene {
        var scene = Scene()
        scene.commit { $0.room(by: Names.bob) }
        return scene
    }

    @Test("nothing is new at the present, and an empty server has nothing to tell")
    func empty() {
        #expect(Scene().plan(Names.phone, since: nil, legacy: true) == ShownPlan())
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        let plan = scene.engine.plan(for: Names.phone, since: scene.engine.position, legacyPresence: true)
        #expect(plan.isEmpty)
        #expect(plan.position == StreamPosition(4))
    }

    @Test("an initial sync shows each joined room whole")
    func initial() {
        var scene = Self.scene()
        scene.commit { $0.room(Names.hall, by: Names.alice) }
        scene.commit { $0.member(.join, Names.alice) }
        #expect(scene.plan(Names.phone, since: nil) == .of { $0.joined = [Names.den: .whole, Names.hall: .whole] })
        #expect(scene.plan(Names.bobs, since: nil) == .of { $0.joined = [Names.den: .whole] })
        #expect(scene.plan(Names.carols, since: nil) == ShownPlan())
    }

    @Test("a newly joined room comes whole, afterwards only what is new in it")
    func joined() {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.message(by: Names.bob) }
        for since in 0...3 as ClosedRange<Int64> {
            let plan = ShownPlan.of { $0.joined = [Names.den: ShownRoom(.whole, unread: 1)] }
            #expect(scene.plan(Names.phone, since: since) == plan)
        }
        #expect(scene.plan(Names.phone, since: 4) == .of { $0.joined = [Names.den: .events(5, unread: 1)] })
        #expect(scene.plan(Names.phone, since: 5) == ShownPlan())
    }

    @Test("only rooms with something new are told of")
    func delta() {
        var scene = Self.scene()
        scene.commit { $0.room(Names.hall, by: Names.bob) }
        scene.commit {
            $0.message(by: Names.bob)
            $0.message(by: Names.bob, in: Names.hall)
            $0.message(by: Names.bob)
        }
        #expect(scene.plan(Names.bobs, since: 6) == .of { $0.joined = [Names.den: .events(7, 9), Names.hall: .events(8)] })
        #expect(scene.plan(Names.bobs, since: 8) == .of { $0.joined = [Names.den: .events(9)] })
    }

    @Test("where memory does not reach back, the store is named", arguments: [0, 1, 7] as [Int64])
    func stored(extra: Int64) {
        var scene = Self.scene()
        let since = scene.position
        for _ in 0..<(64 + extra) { scene.commit { $0.event("m.odd", by: Names.bob, in: Names.den, ["n": 1]) } }
        if extra > 0 { #expect(scene.plan(Names.bobs, since: since + extra - 1) == .of { $0.joined = [Names.den: .stored] }) }
        let events = ((since + extra + 1)...scene.position).map { ShownEvent(position: $0) }
        #expect(scene.plan(Names.bobs, since: since + extra) == .of { $0.joined = [Names.den: ShownRoom(.events(events))] })
        #expect(scene.plan(Names.bobs, since: nil) == .of { $0.joined = [Names.den: .whole] })
    }

    @Test("a new name is an event like any other and makes no room new")
    func renamed() {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.bob) }
        #expect(scene.plan(Names.bobs, since: 3) == .of { $0.joined = [Names.den: .events(4)] })
        #expect(scene.engine.isJoined(Names.bob, in: Names.den))
    }

    @Test("who lost the membership is told until where, whatever ended it", arguments: [Membership.leave, .ban])
    func left(membership: Membership) {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.message(by: Names.bob) }
        scene.commit { $0.member(membership, Names.alice, by: Names.bob) }
        scene.commit { $0.message(by: Names.bob) }
        let departure = ShownDeparture(end: 6)
        for since in [4, 5] as [Int64] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.left = [Names.den: departure] })
        }
        #expect(scene.plan(Names.phone, since: 6) == ShownPlan())
    }

    @Test("a room that was joined and left between two syncs is told of by its departure")
    func joinedAndLeft() {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.member(.leave, Names.alice) }
        let departure = ShownDeparture(end: 5)
        for since in [nil, 0, 3] as [Int64?] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.left = [Names.den: departure] })
        }
    }

    @Test("who leaves twice has left once")
    func leftTwice() {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.member(.leave, Names.alice) }
        scene.commit { $0.member(.leave, Names.alice) }
        #expect(scene.plan(Names.phone, since: 5) == ShownPlan())
        let departure = ShownDeparture(end: 5)
        #expect(scene.plan(Names.phone, since: 4) == .of { $0.left = [Names.den: departure] })
    }

    @Test("a room that was left and joined again comes whole")
    func rejoined() {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.member(.leave, Names.alice) }
        scene.commit { $0.message(by: Names.bob) }
        scene.commit { $0.member(.join, Names.alice) }
        for since in [nil, 3, 4, 5, 6] as [Int64?] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.joined = [Names.den: .whole] })
        }
        #expect(scene.plan(Names.phone, since: 7) == ShownPlan())
    }

    @Test("an invitation is told once; accepted it becomes a whole room")
    func invited() {
        var scene = Self.scene()
        scene.commit { $0.member(.invite, Names.alice, by: Names.bob) }
        for since in [nil, 0, 3] as [Int64?] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.invited = [Names.den] })
        }
        #expect(scene.plan(Names.phone, since: 4) == ShownPlan())
        scene.commit { $0.message(by: Names.bob) }
        scene.commit { $0.member(.invite, Names.alice, by: Names.bob) }
        #expect(scene.plan(Names.phone, since: 4) == ShownPlan())
        scene.commit { $0.member(.join, Names.alice) }
        #expect(scene.plan(Names.phone, since: 4) == .of { $0.joined = [Names.den: .whole] })
    }

    @Test("an invitation that is declined or taken back ends", arguments: [Names.alice, Names.bob])
    func declined(by sender: UserID) {
        var scene = Self.scene()
        scene.commit { $0.member(.invite, Names.alice, by: Names.bob) }
        scene.commit { $0.member(.leave, Names.alice, by: sender) }
        let departure = ShownDeparture(end: 5)
        for since in [nil, 3, 4] as [Int64?] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.left = [Names.den: departure] })
        }
        #expect(scene.plan(Names.phone, since: 5) == ShownPlan())
    }

    @Test("who was away and is invited again hears of the invitation alone")
    func invitedAfterLeaving() {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.member(.leave, Names.alice) }
        scene.commit { $0.member(.invite, Names.alice, by: Names.bob) }
        #expect(scene.plan(Names.phone, since: 4) == .of { $0.invited = [Names.den] })
    }

    @Test("a forgotten room is told no more, until it is joined again")
    func forgotten() {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.member(.leave, Names.alice) }
        scene.commit { $0.tell(.roomForgotten(Names.den, by: Names.alice)) }
        for since in [nil, 0, 4] as [Int64?] { #expect(scene.plan(Names.phone, since: since) == ShownPlan()) }
        scene.commit { $0.member(.join, Names.alice) }
        #expect(scene.plan(Names.phone, since: 5) == .of { $0.joined = [Names.den: .whole] })
    }

    @Test("account data is news to its user's devices and to nobody else")
    func accountData() {
        var scene = Self.scene()
        scene.commit { $0.accountData(of: Names.alice) }
        for since in [nil, 0, 3] as [Int64?] {
            #expect(scene.plan(Names.phone, since: since) == .of { $0.hasAccountData = true })
            #expect(scene.plan(Names.laptop, since: since) == .of { $0.hasAccountData = true })
        }
        #expect(scene.plan(Names.phone, since: 4) == ShownPlan())
        #expect(scene.plan(Names.bobs, since: 3) == ShownPlan())
    }

    @Test("an event that was redacted is told in its new form")
    func redacted() {
        var scene = Self.scene()
        scene.commit { $0.message(by: Names.bob) }
        scene.commit { writer in
            writer.event(.redaction, by: Names.bob, in: Names.den, ["redacts": "$4"])
            writer.tell(.redacted(makeEvent(.message, sender: Names.bob, at: StreamPosition(4))))
        }
        let events = [ShownEvent(position: 4, isEmptied: true), ShownEvent(position: 5)]
        #expect(scene.plan(Names.bobs, since: 3) == .of { $0.joined = [Names.den: ShownRoom(.events(events))] })
    }

    @Test("the same since asked again gets the same answer, whatever it was asked in between")
    func repeated() {
        var scene = Self.scene()
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.room(Names.hall, by: Names.alice) }
        scene.commit { $0.presence("online", of: Names.bob) }
        for since in [nil, 0, 3, 4, 6] as [Int64?] {
            let first = scene.plan(Names.phone, since: since, legacy: true)
            _ = scene.plan(Names.phone, since: scene.position, legacy: true)
            #expect(first != nil)
            #expect(scene.plan(Names.phone, since: since, legacy: true) == first)
        }
    }

    @Test("the lists that others ask for follow the memberships")
    func questions() {
        var scene = Self.scene()
        scene.commit { $0.room(Names.hall, by: Names.alice) }
        #expect(!scene.engine.shareRoom(Names.alice, Names.bob))
        #expect(scene.engine.shareRoom(Names.carol, Names.carol))
        scene.commit { $0.member(.join, Names.alice) }
        #expect(scene.engine.shareRoom(Names.alice, Names.bob) && scene.engine.shareRoom(Names.bob, Names.alice))
        #expect(!scene.engine.shareRoom(Names.alice, Names.carol))
        #expect(scene.engine.joinedRooms(of: Names.alice) == [Names.den, Names.hall])
        #expect(Set(scene.engine.joinedMembers(of: Names.den)) == [Names.alice, Names.bob])
        #expect(scene.engine.contacts(of: Names.bob) == [Names.alice, Names.bob])
        #expect(scene.engine.contacts(of: Names.carol) == [Names.carol])
        scene.commit { $0.member(.leave, Names.bob) }
        #expect(scene.engine.joinedRooms(of: Names.bob) == [])
        #expect(scene.engine.joinedMembers(of: Names.den) == [Names.alice])
        #expect(scene.engine.contacts(of: Names.bob) == [Names.bob])
    }
}

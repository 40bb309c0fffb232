import MatrixModel
import SubscriptionCore
import Testing

@Suite("Who comes into an audience and who falls out of it")
struct SightTests {
    private static let bobsProfile = Names.profile(Names.bob)

    /// Bob's room den, positions 1 to 3, with alice in it, 4; his profile room, 5 to 8, and his presence, 9.
    private static func scene() -> Scene {
        var scene = Scene()
        scene.commit { $0.room(by: Names.bob) }
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.profileRoom(of: Names.bob) }
        scene.commit { $0.presence("busy", of: Names.bob) }
        return scene
    }

    @Test("a peek from outside the audience shows the room without its lane, and is not woken by it")
    func outside() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.carols, Self.bobsProfile, lane: false) }
        #expect(scene.plan(Names.carols, since: nil) == .of { $0.peeked = [Self.bobsProfile: .whole] })
        let waiter = scene.wait(Names.carols)
        #expect(scene.commit { $0.presence("online", of: Names.bob) } == [])
        #expect(scene.plan(Names.carols, since: 10) == ShownPlan())
        #expect(scene.commit { $0.profile(of: Names.bob) } == [waiter])
        #expect(scene.plan(Names.carols, since: 10) == .of { $0.peeked = [Self.bobsProfile: .events(12)] })
    }

    @Test("a grant brings the lane as it stands, in the state, and the same token brings it again")
    func granted() {
        var scene = Self.scene()
        scene.commit { $0.peek(Names.carols, Self.bobsProfile, lane: false) }
        let waiter = scene.wait(Names.carols)
        #expect(scene.commit { $0.grantLane(Names.carols, Self.bobsProfile) } == [waiter])
        let lane = [ShownEvent(position: 9)]
        let granted = ShownPlan.of { $0.peeked = [Self.bobsProfile: ShownRoom(.events([]), lane: lane, isLaneNew: true)] }
        #expect(scene.plan(Names.carols, since: 10) == granted)
        #expect(scene.plan(Names.carols, since: 11) == ShownPlan())
        #expect(scene.plan(Names.carols, since: 9) == .of { $0.peeked = [Self.bobsProfile: .whole(lane: 9)] })
        scene.commit { $0.presence("online", of: Names.bob) }
        #expect(scene.plan(Names.carols, since: 11) == .of { $0.peeked = [Self.bobsProfile: .lane(12)] })
        #expect(scene.plan(Names.carols, since: 10)?.peeked[Self.bobsProfile]?.isLaneNew == true)
    }

    @Test("a policy decides at once, and one that is taken back leaves it to the operator")
    func policy() {
        var scene = Self.scene()
        #expect(scene.engine.canSee(Names.alice, laneOf: Names.bob))
        #expect(!scene.engine.canSee(Names.carol, laneOf: Names.bob))
        scene.commit { $0.sharing(of: Names.bob, ["users": ["@carol:alpha.test": "allow"]]) }
        #expect(!scene.engine.canSee(Names.alice, laneOf: Names.bob))
        #expect(scene.engine.canSee(Names.carol, laneOf: Names.bob))
        #expect(scene.engine.canSee(Names.bob, laneOf: Names.bob))
        scene.commit { $0.sharing(of: Names.bob, [:]) }
        #expect(scene.engine.canSee(Names.alice, laneOf: Names.bob))
        #expect(!scene.engine.canSee(Names.carol, laneOf: Names.bob))
    }

    @Test("an allowed room counts while it suggests sharing")
    func hints() {
        var scene = Self.scene()
        scene.commit { $0.sharing(of: Names.bob, ["rooms": ["!den:alpha.test": "allow"]]) }
        #expect(!scene.engine.canSee(Names.alice, laneOf: Names.bob))
        var hint: PersistedEvent?
        scene.commit {
            hint = $0.event("m.room.presence_sharing", key: "", by: Names.bob, in: Names.den, ["presence_sharing": "suggest"])
        }
        #expect(scene.engine.canSee(Names.alice, laneOf: Names.bob))
        #expect(!scene.engine.canSee(Names.carol, laneOf: Names.bob))
        #expect(scene.plan(Names.phone, since: 10, legacy: true)?.presence == [Names.bob])
        scene.commit { $0.tell(.redacted(makeEvent("m.room.presence_sharing", key: "", at: hint!.position))) }
        #expect(!scene.engine.canSee(Names.alice, laneOf: Names.bob))
        scene.commit {
            $0.event("m.room.presence_sharing", key: "", by: Names.bob, in: Names.den, ["presence_sharing": "forbid"])
        }
        #expect(!scene.engine.canSee(Names.alice, laneOf: Names.bob))
    }

    @Test("to clients that know no peeks, who falls out of an audience is told offline once, who comes in the presence")
    func legacy() {
        var scene = Self.scene()
        let waiter = scene.wait(Names.phone)
        #expect(scene.commit { $0.sharing(of: Names.bob, ["share_locally": false]) } == [waiter])
        for _ in 0..<2 {
            #expect(scene.plan(Names.phone, since: 9, legacy: true) == .of { $0.lostPresence = [Names.bob] })
        }
        #expect(scene.plan(Names.phone, since: 10, legacy: true) == ShownPlan())
        #expect(scene.plan(Names.phone, since: nil, legacy: true)?.presence == [])
        scene.commit { $0.presence("online", of: Names.bob) }
        #expect(scene.plan(Names.phone, since: 10, legacy: true) == ShownPlan())
        #expect(scene.commit { $0.sharing(of: Names.bob, ["io.hearth.default": "local"]) } == [waiter])
        #expect(scene.plan(Names.phone, since: 11, legacy: true) == .of { $0.presence = [Names.bob] })
        #expect(scene.plan(Names.phone, since: 9, legacy: true) == .of { $0.presence = [Names.bob] })
        #expect(scene.plan(Names.phone, since: 12, legacy: true) == ShownPlan())
    }

    @Test("who leaves the last shared room is told offline to those who stay, and they to who leaves")
    func leaving() {
        var scene = Self.scene()
        scene.commit { $0.lane(.presence, of: Names.alice, by: Names.hearth, ["presence": "online"]) }
        scene.commit { $0.member(.leave, Names.bob) }
        #expect(scene.plan(Names.phone, since: 10, legacy: true)?.lostPresence == [Names.bob])
        #expect(scene.plan(Names.bobs, since: 10, legacy: true)?.lostPresence == [Names.alice])
        scene.commit { $0.member(.join, Names.bob) }
        #expect(scene.plan(Names.phone, since: 10, legacy: true)?.lostPresence == [])
        #expect(scene.plan(Names.phone, since: 10, legacy: true)?.presence == [Names.bob])
    }

    @Test("a start finds policies, rooms and grants as they were")
    func restart() {
        var scene = Scene()
        var facts = StoredFacts()
        func commit(_ write: (inout CommitWriter) -> Void) {
            var writer = CommitWriter(after: scene.engine.position)
            write(&writer)
            _ = scene.engine.apply(writer.commit)
            facts.take(writer.commit)
        }
        commit { $0.room(by: Names.bob) }
        commit { $0.member(.join, Names.alice) }
        commit { $0.event("m.room.presence_sharing", key: "", by: Names.bob, in: Names.den, ["presence_sharing": "suggest"]) }
        commit { $0.profileRoom(of: Names.bob) }
        commit { $0.presence("busy", of: Names.bob) }
        commit { $0.sharing(of: Names.bob, ["rooms": ["!den:alpha.test": "allow"]]) }
        commit { $0.peek(Names.carols, Self.bobsProfile, lane: false) }
        commit { $0.peek(Names.phone, Self.bobsProfile, lane: false) }
        let since = scene.position
        commit { $0.grantLane(Names.phone, Self.bobsProfile) }
        let restored = facts.engine()
        #expect(restored.canSee(Names.alice, laneOf: Names.bob) && !restored.canSee(Names.carol, laneOf: Names.bob))
        for device in [Names.phone, Names.carols] {
            for since in [nil, since] {
                let since = since.map { StreamPosition($0) }
                #expect(
                    ShownPlan(restored.plan(for: device, since: since, legacyPresence: true))
                        == ShownPlan(scene.engine.plan(for: device, since: since, legacyPresence: true)))
            }
        }
    }
}

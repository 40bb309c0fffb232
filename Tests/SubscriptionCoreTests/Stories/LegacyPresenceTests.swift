import MatrixModel
import SubscriptionCore
import Testing

@Suite("Whose presence is news to clients that know no peeks")
struct LegacyPresenceTests {
    /// Alice and Bob in the den, Carol and Dave in the hall, positions 1 to 8.
    private static func scene() -> Scene {
        var scene = Scene()
        scene.commit { $0.room(by: Names.bob) }
        scene.commit { $0.member(.join, Names.alice) }
        scene.commit { $0.room(Names.hall, by: Names.carol) }
        scene.commit { $0.member(.join, Names.dave, in: Names.hall) }
        return scene
    }

    private static func presence(_ scene: Scene, _ device: DeviceKey, since: Int64?) -> Set<UserID>? {
        scene.plan(device, since: since, legacy: true)?.presence
    }

    @Test("one's own and that of those with whom one shares a room is news, and nobody else's")
    func contacts() {
        var scene = Self.scene()
        scene.commit { $0.presence("online", of: Names.alice) }
        scene.commit { $0.status("out", of: Names.bob) }
        scene.commit { $0.presence("busy", of: Names.carol) }
        for device in [Names.phone, Names.bobs] {
            #expect(Self.presence(scene, device, since: 8) == [Names.alice, Names.bob])
            #expect(Self.presence(scene, device, since: 9) == [Names.bob])
            #expect(Self.presence(scene, device, since: 10) == [])
            #expect(Self.presence(scene, device, since: nil) == [Names.alice, Names.bob])
        }
        #expect(Self.presence(scene, Names.daves, since: 8) == [Names.carol])
        #expect(Self.presence(scene, Names.device("X", of: Names.user("eve")), since: nil) == [])
    }

    @Test("where legacy presence is off there is none")
    func off() {
        var scene = Self.scene()
        scene.commit { $0.presence("online", of: Names.bob) }
        #expect(scene.plan(Names.phone, since: 8) == ShownPlan())
        #expect(scene.plan(Names.phone, since: nil)?.presence == [])
    }

    @Test("without any shared room one's own presence is still news")
    func alone() {
        var scene = Scene()
        scene.commit { $0.presence("online", of: Names.alice) }
        #expect(Self.presence(scene, Names.phone, since: 0) == [Names.alice])
        #expect(Self.presence(scene, Names.phone, since: nil) == [Names.alice])
    }

    @Test("a newly joined room brings its members once, those without presence left out")
    func newRoom() {
        var scene = Self.scene()
        scene.commit { $0.presence("busy", of: Names.carol) }
        scene.commit { $0.member(.join, Names.alice, in: Names.hall) }
        #expect(Self.presence(scene, Names.phone, since: 9) == [Names.carol])
        #expect(Self.presence(scene, Names.phone, since: 10) == [])
        #expect(Self.presence(scene, Names.bobs, since: 8) == [])
    }

    @Test("a member who joins brings their presence to those who are there")
    func newMember() {
        var scene = Self.scene()
        scene.commit { $0.presence("busy", of: Names.carol) }
        scene.commit { $0.member(.join, Names.carol) }
        #expect(Self.presence(scene, Names.phone, since: 9) == [Names.carol])
        #expect(Self.presence(scene, Names.phone, since: 10) == [])
        // Who has none to bring brings none.
        scene.commit { $0.member(.join, Names.dave) }
        #expect(Self.presence(scene, Names.phone, since: 10) == [])
        scene.commit { $0.presence("online", of: Names.dave) }
        #expect(Self.presence(scene, Names.phone, since: 10) == [Names.dave])
    }

    @Test("who has left is no contact any more")
    func left() {
        var scene = Self.scene()
        scene.commit { $0.presence("online", of: Names.bob) }
        scene.commit { $0.member(.leave, Names.bob) }
        scene.commit { $0.presence("busy", of: Names.bob) }
        #expect(Self.presence(scene, Names.phone, since: 8) == [])
        #expect(Self.presence(scene, Names.phone, since: nil) == [])
        #expect(Self.presence(scene, Names.bobs, since: 8) == [Names.bob])
        scene.commit { $0.member(.join, Names.bob) }
        #expect(Self.presence(scene, Names.phone, since: 11) == [Names.bob])
    }

    @Test("an invitation brings nobody's presence")
    func invited() {
        var scene = Self.scene()
        scene.commit { $0.presence("busy", of: Names.carol) }
        scene.commit { $0.member(.invite, Names.alice, in: Names.hall, by: Names.carol) }
        #expect(Self.presence(scene, Names.phone, since: 8) == [])
        #expect(Self.presence(scene, Names.carols, since: 8) == [Names.carol])
    }

    @Test(
        "where the log of moves does not reach back, whoever moved since is found among the members",
        arguments: [63, 64, 65, 200])
    func overflow(moves: Int) {
        var scene = Self.scene()
        scene.commit { $0.presence("online", of: Names.alice) }
        scene.commit { $0.presence("busy", of: Names.dave) }
        let since = scene.position
        scene.commit { $0.member(.join, Names.dave) }
        for _ in 0..<moves { scene.commit { $0.presence("online", of: Names.bob) } }
        #expect(Self.presence(scene, Names.phone, since: since) == [Names.bob, Names.dave])
        #expect(Self.presence(scene, Names.phone, since: since + 1) == [Names.bob])
        #expect(Self.presence(scene, Names.phone, since: since - 2) == [Names.alice, Names.bob, Names.dave])
        #expect(Self.presence(scene, Names.phone, since: scene.position) == [])
    }
}

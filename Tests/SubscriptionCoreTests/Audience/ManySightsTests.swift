import MatrixModel
import SubscriptionCore
import Testing

/// More people at once than the log of sights remembers.
@Suite("Who is told when many fall out of sight at once")
struct ManySightsTests {
    private static let crowd = (0..<1_200).map { Names.user("member\($0)") }

    /// Alice's room with the crowd, all of whom have presence, as has dave, who is in no room with her.
    private static func scene(with crowd: [UserID] = crowd) -> Scene {
        var scene = Scene()
        scene.commit { writer in
            writer.room(by: Names.alice)
            for user in crowd { writer.member(.join, user) }
            for user in crowd + [Names.dave] {
                writer.profileRoom(of: user)
                writer.presence("online", of: user)
            }
        }
        return scene
    }

    private static func ignore(_ users: Set<UserID>, in scene: inout Scene) {
        let before = scene.engine.ignored(by: Names.alice) ?? .nobody
        scene.commit { writer in
            let position = writer.nextPosition()
            writer.tell(.ignoringChanged(user: Names.alice, before.changed(to: users, at: position), at: position))
        }
    }

    @Test("who ignores a thousand people sees all of them offline, and all of them again when they are not ignored any more")
    func ignoring() {
        var scene = Self.scene()
        let since = scene.position
        Self.ignore(Set(Self.crowd.prefix(1_100)), in: &scene)
        let plan = scene.plan(Names.phone, since: since, legacy: true)
        #expect(plan?.lostPresence == Set(Self.crowd.prefix(1_100)))
        #expect(plan?.presence.isDisjoint(with: Self.crowd.prefix(1_100)) == true)
        let ignored = scene.position
        #expect(scene.plan(Names.phone, since: ignored, legacy: true)?.lostPresence == [])
        Self.ignore([], in: &scene)
        let after = scene.plan(Names.phone, since: ignored, legacy: true)
        #expect(after?.presence.isSuperset(of: Self.crowd) == true && after?.lostPresence == [])
    }

    @Test("who leaves a large room sees all its members offline, and hears of nobody else")
    func leaving() {
        var scene = Self.scene()
        let since = scene.position
        scene.commit { $0.member(.leave, Names.alice) }
        let plan = scene.plan(Names.phone, since: since, legacy: true)
        #expect(plan?.lostPresence == Set(Self.crowd))
        #expect(plan?.presence == [])
    }

    @Test("who left the room after the user is offline for the user too")
    func leavingAfter() {
        var scene = Self.scene()
        let since = scene.position
        scene.commit { $0.member(.leave, Names.alice) }
        scene.commit { $0.member(.leave, Self.crowd[0]) }
        #expect(scene.plan(Names.phone, since: since, legacy: true)?.lostPresence.contains(Self.crowd[0]) == true)
    }

    @Test("somebody who turns again and again makes a viewer forget nobody else")
    func turning() {
        var scene = Self.scene(with: Array(Self.crowd.prefix(3)))
        let since = scene.position
        scene.commit { $0.sharing(of: Self.crowd[0], ["share_locally": false]) }
        for _ in 0..<1_000 {
            scene.commit { $0.sharing(of: Self.crowd[1], ["share_locally": false]) }
            scene.commit { $0.sharing(of: Self.crowd[1], ["io.hearth.default": "local"]) }
        }
        let plan = scene.plan(Names.phone, since: since, legacy: true)
        #expect(plan?.lostPresence == [Self.crowd[0]])
        #expect(plan?.presence == [Self.crowd[1]], "everybody would be told again if the log did not reach back")
    }
}

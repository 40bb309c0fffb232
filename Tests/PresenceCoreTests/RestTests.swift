import MatrixModel
import Testing

@testable import PresenceCore

@Suite("Users at rest")
struct RestTests {
    @Test("who was online once is put to rest when nothing of it counts any more, and is known as before")
    func rests() throws {
        var scene = Scene()
        scene.end(scene.start("A", .explicit(.online)))
        scene.pass(.seconds(8 * 86_400))
        let shown = scene.seen
        #expect(scene.engine.standing(of: Scene.alice) == .offline)
        let lastOnline = try #require(scene.engine.lastOnline(of: Scene.alice))
        wakeOthers(20, in: &scene)
        #expect(!isAwake(Scene.alice, in: scene))
        #expect(scene.engine.standing(of: Scene.alice) == .offline)
        #expect(scene.engine.lastOnline(of: Scene.alice) == lastOnline)
        #expect(scene.engine.duePublication(of: Scene.alice, at: scene.now) == nil)
        #expect(scene.engine.standingCounts()[.offline] == 1)
        scene.engine.checkInvariants()

        _ = scene.start("A", .explicit(.online))
        #expect(isAwake(Scene.alice, in: scene))
        #expect(scene.seen.dropFirst(shown.count).map(\.presence) == [.online])
        scene.engine.checkInvariants()
    }

    @Test("who has a choice, a device that may count again or something unpublished stays awake")
    func staysAwake() throws {
        var scene = Scene()
        try scene.put(.offline, from: "A")
        scene.pass(.seconds(8 * 86_400))
        wakeOthers(20, in: &scene)
        #expect(isAwake(Scene.alice, in: scene))
        scene.engine.checkInvariants()
    }

    @Test("a user is not put to rest while a write that touched it may be on its way")
    func waits() throws {
        var scene = Scene()
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        try scene.put(.busy, from: "A")
        scene.rollBack(to: checkpoint)
        wakeOthers(20, in: &scene)
        #expect(isAwake(Scene.alice, in: scene))
        scene.pass(.seconds(601))
        wakeOthers(40, in: &scene)
        #expect(!isAwake(Scene.alice, in: scene))
        scene.engine.checkInvariants()
    }

    @Test("those who were deactivated stay so at rest")
    func deactivated() {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        for action in scene.engine.userDeactivated(Scene.alice, at: scene.now) {
            guard case .publish(let user) = action, let due = scene.engine.duePublication(of: user, at: scene.now) else {
                continue
            }
            scene.engine.published(due, of: user, at: scene.now)
        }
        scene.pass(.seconds(86_400))
        wakeOthers(20, in: &scene)
        #expect(!isAwake(Scene.alice, in: scene))
        _ = scene.start("A", .explicit(.online))
        #expect(scene.effective() == EffectivePresence(presence: .offline, reason: .unreachable))
        scene.engine.checkInvariants()
    }

    @Test("restored users of whom nothing can be due cost a record")
    func restored() {
        let users = (0..<100).map { number in
            RestoredUser(
                user: Scene.user("u\(number)"), published: number % 2 == 0 ? .offline : nil,
                lastOnline: .init(milliseconds: Int64(number)), devices: [])
        }
        let scene = Scene(restoring: users)
        #expect(scene.engine.users.isEmpty)
        #expect(scene.engine.lastOnline(of: Scene.user("u7")) == .init(milliseconds: 7))
        #expect(scene.engine.standing(of: Scene.user("u8")) == .offline)
        #expect(scene.engine.standing(of: Scene.user("u9")) == nil)
        scene.engine.checkInvariants()
    }

    private func isAwake(_ user: UserID, in scene: Scene) -> Bool {
        scene.engine.records.number(of: user).flatMap { scene.engine.records.slot(of: $0) } != nil
    }

    /// Each that is woken looks at two who may be put to rest.
    private func wakeOthers(_ count: Int, in scene: inout Scene) {
        let known = scene.engine.records.count
        for number in known..<known + count {
            let device = Scene.device("X", of: Scene.user("other\(number)"))
            _ = scene.engine.pusherChanged(of: device, isWorking: true, at: scene.now)
        }
    }
}

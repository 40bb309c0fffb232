import MatrixModel
import PresenceCore
import Testing

@Suite("Writes whose commit fails")
struct RollBackTests {
    @Test("a put that is rolled back was never made", arguments: Presence.allCases)
    func putUndone(presence: Presence) throws {
        var scene = Scene()
        scene.poll("A", .explicit(.unavailable))
        try scene.put(.busy, from: "A")
        let choice = scene.engine.choices(of: Scene.alice)
        let view = scene.engine.ownView(of: Scene.alice, at: scene.now)
        scene.writerIsHeld = true
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        _ = try scene.engine.put(PresencePut(presence: presence), from: Scene.device("B"), at: scene.now)
        if let due = scene.engine.duePublication(of: Scene.alice, at: scene.now) {
            scene.engine.published(due, of: Scene.alice, at: scene.now)
        }
        scene.engine.rollBack(to: checkpoint, at: scene.now)
        #expect(scene.engine.choices(of: Scene.alice) == choice)
        #expect(scene.engine.ownView(of: Scene.alice, at: scene.now) == view)
        #expect(scene.engine.standing(of: Scene.alice) == .busy)
        #expect(scene.engine.duePublication(of: Scene.alice, at: scene.now) == nil)
        scene.engine.checkInvariants()
    }

    @Test("the first put of a user can be rolled back")
    func firstPut() throws {
        var scene = Scene()
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        try scene.put(.busy, from: "A")
        scene.engine.rollBack(to: checkpoint, at: scene.now)
        #expect(scene.effective() == EffectivePresence(presence: .offline, reason: .unreachable))
        #expect(scene.engine.standing(of: Scene.alice) == nil)
        #expect(scene.engine.nextDeadline == nil)
        #expect(scene.engine.nextExpiry == nil)
    }

    @Test("syncs that began or ended meanwhile stay true, while the put's claim is gone")
    func syncsStayTrue() throws {
        var scene = Scene()
        let old = scene.start("A", .explicit(.unavailable))
        scene.writerIsHeld = true
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        try scene.put(.online, from: "A")
        let new = scene.start("B", .explicit(.unavailable))
        scene.engine.rollBack(to: checkpoint, at: scene.now)
        #expect(scene.effective().presence == .unavailable)
        scene.end(old)
        scene.end(new)
        scene.pass(.seconds(299))
        #expect(scene.effective().presence == .unavailable)
        scene.pass(.seconds(1))
        #expect(scene.effective().presence == .offline)
        scene.engine.checkInvariants()
    }

    @Test("a device that was logged out meanwhile stays logged out")
    func logOutStays() throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        try scene.put(.busy, from: "A")
        scene.logOut("A")
        scene.engine.rollBack(to: checkpoint, at: scene.now)
        #expect(scene.effective().presence == .offline)
        #expect(scene.engine.nextDeadline != nil, "what stands published is online again, and has to fall")
    }

    @Test("two writes of one transaction can be rolled back in any order", arguments: [true, false])
    func order(isReversed: Bool) throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        let first = scene.engine.checkpoint(of: Scene.alice)
        try scene.put(.busy, from: "A")
        let second = scene.engine.checkpoint(of: Scene.alice)
        try scene.put(.offline, from: "A")
        for checkpoint in isReversed ? [second, first] : [first, second] {
            scene.engine.rollBack(to: checkpoint, at: scene.now)
            scene.engine.publishFailed(of: Scene.alice, at: scene.now)
        }
        #expect(scene.choices.isEmpty)
        #expect(scene.engine.standing(of: Scene.alice) == .online)
        try scene.put(.busy, from: "A")
        let third = scene.engine.checkpoint(of: Scene.alice)
        try scene.put(.offline, from: "A")
        scene.engine.rollBack(to: third, at: scene.now)
        #expect(scene.choices.first?.presence == .busy)
    }

    @Test("a publication that is rolled back is due again, and asked for after a second")
    func publicationUndone() throws {
        var scene = Scene()
        scene.writerIsHeld = true
        _ = scene.start("A", .explicit(.online))
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        let due = try #require(scene.engine.duePublication(of: Scene.alice, at: scene.now))
        scene.engine.published(due, of: Scene.alice, at: scene.now)
        scene.engine.rollBack(to: checkpoint, at: scene.now)
        scene.engine.publishFailed(of: Scene.alice, at: scene.now)
        #expect(scene.engine.duePublication(of: Scene.alice, at: scene.now) == due)
        scene.writerIsHeld = false
        scene.pass(.seconds(5))
        #expect(scene.seen == [Shown(1, .online)])
    }

    @Test("a deactivation can be rolled back; syncs that were in flight then count no more")
    func deactivation() throws {
        var scene = Scene()
        let sync = scene.start("A", .explicit(.online))
        try scene.put(.busy, from: "A")
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        scene.apply(scene.engine.userDeactivated(Scene.alice, at: scene.now))
        scene.engine.rollBack(to: checkpoint, at: scene.now)
        #expect(scene.choices.first?.presence == .busy)
        #expect(scene.effective().presence == .busy)
        scene.end(sync)
        scene.poll("A", .explicit(.online))
        scene.engine.checkInvariants()
        #expect(scene.engine.standing(of: Scene.alice) == .busy)
    }
}

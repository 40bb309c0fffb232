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
        scene.rollBack(to: checkpoint)
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
        scene.rollBack(to: checkpoint)
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
        scene.rollBack(to: checkpoint)
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
        scene.rollBack(to: checkpoint)
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
            scene.rollBack(to: checkpoint)
            scene.engine.publishFailed(of: Scene.alice, at: scene.now)
        }
        #expect(scene.choices.isEmpty)
        #expect(scene.engine.standing(of: Scene.alice) == .online)
        try scene.put(.busy, from: "A")
        let third = scene.engine.checkpoint(of: Scene.alice)
        try scene.put(.offline, from: "A")
        scene.rollBack(to: third)
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
        scene.rollBack(to: checkpoint)
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
        scene.rollBack(to: checkpoint)
        #expect(scene.choices.first?.presence == .busy)
        #expect(scene.effective().presence == .busy)
        scene.end(sync)
        scene.poll("A", .explicit(.online))
        scene.engine.checkInvariants()
        #expect(scene.engine.standing(of: Scene.alice) == .busy)
    }

    @Test("a choice that came back with a roll-back ends again by what happened since the checkpoint", arguments: Ending.allCases)
    func endsAgain(ending: Ending) throws {
        var scene = Scene()
        try ending.choose(in: &scene)
        let before = scene.engine.choices(of: Scene.alice)
        #expect(!before.isEmpty)
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        // The write itself takes the choice away first, so that what happens meanwhile finds none to end.
        try scene.choose(.online)
        ending.happen(in: &scene)
        scene.rollBack(to: checkpoint, stored: before)
        scene.pass(.zero)
        #expect(scene.choices.isEmpty)
        #expect(scene.stored[Scene.alice] == PresenceChoices(), "the store has to follow")
        scene.engine.checkInvariants()
    }

    @Test("what happened before the checkpoint ends nothing that was chosen after it", arguments: Ending.allCases)
    func endsOnce(ending: Ending) throws {
        var scene = Scene()
        try ending.choose(in: &scene)
        if ending != .expiry { ending.happen(in: &scene) }
        try ending.choose(in: &scene)
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        let choices = scene.choices
        try scene.choose(.online)
        scene.rollBack(to: checkpoint)
        #expect(!choices.isEmpty && scene.choices == choices)
        scene.engine.checkInvariants()
    }

    @Test("a call that came back with a roll-back is over if its device was logged out since the checkpoint")
    func callEndsAgain() {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        scene.apply(scene.engine.callWritten(by: Scene.device("A").device, of: Scene.alice, at: scene.now))
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        scene.apply(scene.engine.callRemoved(of: Scene.alice, at: scene.now))
        scene.logOut("A")
        scene.rollBack(to: checkpoint)
        #expect(scene.engine.call(of: Scene.alice) == nil)
        #expect(scene.callsRemoved == [Scene.alice])
    }

    /// What ends a choice of device A without a write of its own.
    enum Ending: CaseIterable {
        case activity, explicitOnline, syncAfterSilence, logOut, logOutWhileAway, expiry

        func choose(in scene: inout Scene) throws {
            switch self {
            case .activity, .explicitOnline, .logOutWhileAway: try scene.put(.unavailable, from: "A")
            case .syncAfterSilence:
                scene.poll("A", .silent)
                try scene.put(.offline, from: "A")
            case .logOut: try scene.put(.busy, from: "A")
            case .expiry: try scene.choose(.busy, until: scene.now.wall.advanced(by: .seconds(10)))
            }
        }

        func happen(in scene: inout Scene) {
            switch self {
            case .activity: scene.activity("B")
            case .explicitOnline: scene.poll("B", .explicit(.online))
            case .syncAfterSilence: scene.poll("A", .explicit(.unavailable))
            case .logOut, .logOutWhileAway: scene.logOut("A")
            case .expiry: scene.pass(.seconds(11))
            }
        }
    }
}

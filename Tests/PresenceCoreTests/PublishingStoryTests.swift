import MatrixModel
import PresenceCore
import Testing

@Suite("What others see, and when")
struct PublishingStoryTests {
    @Test("a fall from devices waits to settle, and one that is undone in time is never seen")
    func undoneFall() {
        var scene = Scene()
        scene.poll("A", .explicit(.online))
        scene.pass(.seconds(64))
        #expect(scene.effective().presence == .unavailable)
        scene.poll("A", .explicit(.online))
        scene.pass(.seconds(30))
        #expect(scene.seen == [Shown(0, .online)])
    }

    @Test("a fall is computed again when it is due")
    func fallDeepens() {
        var scene = Scene()
        let call = scene.start("A", .explicit(.busy))
        scene.pass(.seconds(10))
        let online = scene.start("A", .explicit(.online))
        scene.end(call)
        scene.pass(.seconds(3))
        _ = scene.start("A", .explicit(.unavailable))
        scene.end(online)
        scene.pass(.seconds(30))
        #expect(scene.seen == [Shown(0, .busy), Shown(15, .unavailable)])
    }

    @Test("a rise is published at once and drops a waiting fall, even one that rises less high than before")
    func riseDropsFall() {
        var scene = Scene()
        scene.poll("A", .explicit(.unavailable))
        scene.pass(.seconds(302))
        #expect(scene.effective().presence == .offline)
        _ = scene.start("A", .explicit(.online))
        scene.pass(.seconds(60))
        #expect(scene.seen == [Shown(0, .unavailable), Shown(302, .online)])
    }

    @Test("each fall published lately doubles the time the next one waits, up to the longest")
    func doubling() {
        var scene = Scene()
        var waits: [Double] = []
        for _ in 0..<6 {
            let sync = scene.start("A", .explicit(.busy))
            let next = scene.start("A", .explicit(.unavailable))
            scene.end(sync)
            let begin = scene.seconds
            scene.pass(.seconds(61))
            waits.append((scene.seen.last?.second ?? 0) - begin)
            #expect(scene.seen.last?.presence == .unavailable)
            scene.end(next)
        }
        #expect(waits == [5, 10, 20, 40, 60, 60])
        scene.pass(.seconds(600))
        let sync = scene.start("A", .explicit(.busy))
        _ = scene.start("A", .explicit(.unavailable))
        scene.end(sync)
        let begin = scene.seconds
        scene.pass(.seconds(60))
        #expect((scene.seen.last?.second ?? 0) - begin == 10, "one fall, to offline, was published in between")
    }

    @Test("manual changes are published at once, up and down, and drop a waiting fall")
    func manualAtOnce() throws {
        var scene = Scene()
        scene.poll("A", .explicit(.busy))
        scene.poll("A", .explicit(.online))
        scene.pass(.seconds(1))
        #expect(scene.seen == [Shown(0, .busy)])
        try scene.choose(.unavailable)
        try scene.choose(.busy)
        scene.clear()
        scene.pass(.seconds(30))
        #expect(scene.seen == [Shown(0, .busy), Shown(1, .unavailable), Shown(1, .busy), Shown(1, .online)])
    }

    @Test("the log-out of the last reachable device is published at once, that of another waits")
    func logOuts() {
        var scene = Scene()
        _ = scene.start("LAPTOP", .explicit(.busy))
        _ = scene.start("PHONE", .explicit(.online))
        scene.logOut("LAPTOP")
        #expect(scene.seen == [Shown(0, .busy)])
        scene.pass(.seconds(5))
        #expect(scene.seen == [Shown(0, .busy), Shown(5, .online)])
        scene.pass(.seconds(5))
        scene.logOut("PHONE")
        #expect(scene.seen.last == Shown(10, .offline, lastActive: 10))
        scene.engine.checkInvariants()
    }

    @Test("appearing offline looks exactly like logging out the last device", arguments: 0..<4, [true, false])
    func appearOffline(story: Int, isMarked: Bool) throws {
        func watch(_ vanish: (inout Scene) throws -> Void) rethrows -> Scene {
            var scene = Scene()
            if story > 0 { scene.poll("A", .explicit(.busy)) }
            scene.pass(.seconds(20))
            if story > 1 { _ = scene.start("A", .explicit(.online)) }
            scene.pass(.seconds(story == 2 ? 3 : 10))
            try vanish(&scene)
            return scene
        }
        let loggedOut = watch { $0.logOut("A") }
        var hidden = try watch { try $0.put(PresencePut(presence: .offline, isManual: isMarked), from: "A") }
        #expect(hidden.seen == loggedOut.seen)
        hidden.activity("A")
        hidden.poll("B", .explicit(.busy))
        try hidden.put(.unavailable, from: "B")
        hidden.pass(.seconds(1000))
        #expect(hidden.seen == loggedOut.seen, "while it holds nothing is published")
        if !isMarked { return }
        try hidden.choose(.unavailable, from: "B")
        #expect(hidden.seen.last?.lastActive == loggedOut.seen.last?.lastActive, "last-active stands still")
    }

    @Test("nothing is published before a user's first change, offline least of all")
    func firstChange() throws {
        var scene = Scene()
        scene.logOut("A")
        scene.clear()
        try scene.put(.offline, from: "A")
        _ = scene.start("A", .explicit(.online))
        scene.pass(.seconds(100))
        scene.apply(scene.engine.userDeactivated(Scene.alice, at: scene.now))
        #expect(scene.seen.isEmpty)
        #expect(scene.engine.standing(of: Scene.alice) == nil)
    }

    @Test("last-active is when the user was last published online, and is told with all but online")
    func lastActive() throws {
        var scene = Scene()
        try scene.put(.busy, from: "A")
        scene.pass(.seconds(10))
        try scene.put(.online, from: "A")
        scene.pass(.seconds(10))
        try scene.put(.busy, from: "A")
        scene.pass(.seconds(10))
        try scene.put(PresencePut(presence: .unavailable, isManual: true), from: "A")
        #expect(
            scene.seen == [
                Shown(0, .busy), Shown(10, .online), Shown(20, .busy, lastActive: 20), Shown(30, .unavailable, lastActive: 20),
            ])
        #expect(scene.engine.lastOnline(of: Scene.alice) == scene.wall(20))
    }

    @Test("last-active is never told where that is switched off")
    func lastActiveOff() {
        var scene = Scene(settings: PresenceSettings(publishesLastActive: false))
        scene.poll("A", .explicit(.online))
        scene.pass(.seconds(1000))
        #expect(scene.seen == [Shown(0, .online), Shown(65, .unavailable), Shown(310, .offline)])
    }

    @Test(
        "wall-clock jumps do not touch grace periods",
        arguments: [.seconds(-86_400 * 365), .seconds(86_400 * 365)] as [Duration])
    func wallJumps(jump: Duration) {
        var scene = Scene()
        scene.poll("A", .explicit(.online))
        scene.wallJumps(by: jump)
        scene.pass(.seconds(1000))
        #expect(scene.seen.map(\.second) == [0, 65, 310])
    }

    @Test("an expiry follows the wall clock alone")
    func expiryFollowsWall() throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        try scene.put(PresencePut(presence: .busy, expires: scene.wall(100)), from: "A")
        scene.wallJumps(by: .seconds(-1000))
        scene.pass(.seconds(1000))
        #expect(scene.effective().presence == .busy)
        scene.wallJumps(by: .seconds(100))
        #expect(scene.effective().presence == .online)
        #expect(scene.seen.map(\.second) == [0, 0, 1000])
    }

    @Test("with all periods zero nothing traps and presence lasts as long as contact does")
    func zeroPeriods() throws {
        let zero = PresenceSettings(
            deviceGrace: .zero, reachableFor: .zero, busyDeviceGrace: .zero, idleAfter: .zero, settle: .zero,
            longestSettle: .zero,
            fallWindow: .zero, pusherReachableFor: .zero, busyExpiresAfter: .zero, unavailableExpiresAfter: .zero)
        var scene = Scene(settings: zero)
        let sync = scene.start("A", .explicit(.online))
        scene.pass(.seconds(1))
        scene.end(sync)
        try scene.put(.busy, from: "A")
        scene.pass(.seconds(1))
        #expect(scene.seen == [Shown(0, .online), Shown(1, .offline, lastActive: 1)])
        scene.engine.checkInvariants()
    }

    @Test("endless periods and expiries at the end of time do not trap")
    func endlessPeriods() throws {
        let endless = Duration.seconds(Int64.max)
        var scene = Scene(
            settings: PresenceSettings(
                deviceGrace: endless, reachableFor: endless, busyDeviceGrace: endless, idleAfter: endless, settle: endless,
                longestSettle: endless, fallWindow: endless, pusherReachableFor: endless, busyExpiresAfter: endless,
                unavailableExpiresAfter: endless))
        scene.poll("A", .impliedOnline)
        try scene.put(.busy, from: "A")
        try scene.put(PresencePut(presence: .busy, expires: MatrixTimestamp(milliseconds: .max)), from: "A")
        scene.clear()
        scene.pass(.seconds(1_000_000))
        #expect(scene.seen.map(\.presence) == [.online, .busy, .online])
        scene.logOut("A")
        #expect(scene.seen.last?.presence == .offline)
    }

    // MARK: Deactivation

    @Test("deactivation publishes offline, and nothing of the user counts any more")
    func deactivation() throws {
        var scene = Scene()
        let sync = scene.start("A", .explicit(.online))
        try scene.put(.busy, from: "A")
        scene.apply(scene.engine.userDeactivated(Scene.alice, at: scene.now))
        scene.end(sync)
        scene.poll("A", .explicit(.online))
        scene.activity("A")
        try scene.put(.busy, from: "A")
        scene.pass(.seconds(1000))
        #expect(scene.seen == [Shown(0, .online), Shown(0, .busy, lastActive: 0), Shown(0, .offline, lastActive: 0)])
        #expect(scene.engine.choices(of: Scene.alice).isEmpty)
        #expect(scene.engine.takeChangedContacts().isEmpty)
        scene.engine.checkInvariants()
    }

    // MARK: A slow writer

    @Test("what is published is the value of the writer's moment, and a rise undone before it is never seen")
    func slowWriter() {
        var scene = Scene()
        scene.poll("A", .explicit(.unavailable))
        scene.writerIsHeld = true
        let sync = scene.start("A", .explicit(.online))
        _ = scene.start("B", .explicit(.busy))
        scene.write()
        #expect(scene.seen.last == Shown(0, .busy))
        scene.logOut("B")
        scene.end(sync)
        scene.write()
        #expect(scene.seen.last == Shown(0, .busy), "a fall from devices may not slip through")
    }

    @Test("a log-out between asking and publishing is published at once all the same")
    func logOutWhilePublishing() throws {
        var scene = Scene()
        scene.writerIsHeld = true
        _ = scene.start("A", .explicit(.online))
        let due = try #require(scene.engine.duePublication(of: Scene.alice, at: scene.now))
        scene.logOut("A")
        scene.engine.published(due, of: Scene.alice, at: scene.now)
        #expect(scene.engine.nextDeadline == scene.now.monotonic)
        #expect(scene.engine.deadlineReached(at: scene.now) == [.publish(Scene.alice)])
        #expect(scene.engine.duePublication(of: Scene.alice, at: scene.now)?.presence == .offline)
    }

    @Test("a publication that failed is tried again after a second")
    func failure() {
        var scene = Scene()
        scene.writerIsHeld = true
        _ = scene.start("A", .explicit(.online))
        scene.engine.publishFailed(of: Scene.alice, at: scene.now)
        scene.engine.checkInvariants()
        scene.writerIsHeld = false
        scene.pass(.seconds(10))
        #expect(scene.seen == [Shown(1, .online)])
    }
}

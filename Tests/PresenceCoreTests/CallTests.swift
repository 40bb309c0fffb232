import MatrixModel
import PresenceCore
import Testing

@Suite("Calls that the profile tells of")
struct CallTests {
    private func call(_ scene: inout Scene, by device: String?) {
        scene.apply(scene.engine.callWritten(by: device.flatMap { DeviceID($0) }, of: Scene.alice, at: scene.now))
    }

    @Test("a call makes busy at once, and its end is a fall that settles")
    func call() {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        call(&scene, by: "A")
        #expect(scene.effective() == EffectivePresence(presence: .busy, reason: .call))
        scene.apply(scene.engine.callRemoved(of: Scene.alice, at: scene.now))
        scene.pass(.seconds(10))
        #expect(scene.seen == [Shown(0, .online), Shown(0, .busy, lastActive: 0), Shown(5, .online)])
        #expect(scene.callsRemoved.isEmpty, "who removed it needs no help")
    }

    @Test("a call ends with its device: some minutes after the last contact, or with the log-out", arguments: [true, false])
    func deviceGone(byLogOut: Bool) {
        var scene = Scene()
        _ = scene.start("B", .explicit(.unavailable))
        let sync = scene.start("A", .explicit(.online))
        call(&scene, by: "A")
        scene.pass(.seconds(1000))
        #expect(scene.effective().presence == .busy)
        if byLogOut { scene.logOut("A") } else { scene.end(sync) }
        scene.pass(.seconds(byLogOut ? 0 : 299))
        #expect(scene.callsRemoved.isEmpty != byLogOut)
        scene.pass(.seconds(1))
        #expect(scene.callsRemoved == [Scene.alice])
        #expect(scene.effective().presence == .unavailable)
        #expect(scene.engine.call(of: Scene.alice) == nil)
    }

    @Test("another device's contact does not keep a call", arguments: ["A", "SILENT"])
    func othersDoNotKeep(writer: String) {
        var scene = Scene()
        _ = scene.start("B", .explicit(.online))
        _ = scene.start("SILENT", .silent)
        call(&scene, by: writer)
        scene.pass(.seconds(299))
        #expect(scene.effective().presence == .busy)
        scene.pass(.seconds(1))
        #expect(scene.effective().presence == .online)
    }

    @Test("a call lasts a day at most, also when nobody knows who wrote it", arguments: ["A", nil])
    func longest(writer: String?) {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        call(&scene, by: writer)
        scene.pass(.seconds(86_399))
        #expect(scene.effective().presence == .busy)
        scene.pass(.seconds(1))
        #expect(scene.effective().presence == .online)
        #expect(scene.callsRemoved == [Scene.alice])
    }

    @Test("a call outlives a restart while its device may come back, hidden or not", arguments: [true, false])
    func restart(isHidden: Bool) {
        let choices = isHidden ? PresenceChoices([PresenceChoice(.user, .offline)]) : PresenceChoices()
        var scene = Scene(
            restoring: [
                RestoredUser(
                    user: Scene.alice, choices: choices,
                    call: CallClaim(device: DeviceID("A")!, written: .init(milliseconds: Scene.wallStart - 3_000_000)),
                    published: isHidden ? .offline : .busy, lastOnline: nil,
                    devices: [
                        RestoredDevice(
                            id: DeviceID("A")!, lastContact: .init(milliseconds: Scene.wallStart - 20_000),
                            hasWorkingPusher: false)
                    ])
            ])
        scene.pass(.seconds(299))
        #expect(scene.engine.call(of: Scene.alice) != nil)
        #expect(scene.seen == [])
        scene.pass(.seconds(1))
        #expect(scene.engine.call(of: Scene.alice) == nil)
        #expect(scene.callsRemoved == [Scene.alice])
        #expect(scene.effective().presence == .offline)
    }

    @Test("a write whose commit fails leaves the call that was there")
    func rollBack() {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        call(&scene, by: "A")
        let checkpoint = scene.engine.checkpoint(of: Scene.alice)
        scene.apply(scene.engine.callRemoved(of: Scene.alice, at: scene.now))
        scene.rollBack(to: checkpoint)
        #expect(scene.effective().presence == .busy)
        scene.engine.checkInvariants()
    }
}

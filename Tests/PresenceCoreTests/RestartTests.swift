import MatrixModel
import PresenceCore
import Testing

@Suite("After a start")
struct RestartTests {
    func alice(
        choice: PresenceChoice? = nil, published: Presence? = nil, lastOnline: Double? = nil,
        devices: [(String, Double, Bool)] = []
    ) -> RestoredUser {
        func wall(_ seconds: Double) -> MatrixTimestamp { .init(milliseconds: Scene.wallStart + Int64(seconds * 1000)) }
        return RestoredUser(
            user: Scene.alice, choices: PresenceChoices([choice].compactMap(\.self)), published: published,
            lastOnline: lastOnline.map(wall),
            devices: devices.map { RestoredDevice(id: DeviceID($0.0)!, lastContact: wall($0.1), hasWorkingPusher: $0.2) })
    }

    func bobsDevice(_ seconds: Int64) -> RestoredDevice {
        RestoredDevice(
            id: DeviceID("B")!, lastContact: .init(milliseconds: Scene.wallStart + seconds * 1000), hasWorkingPusher: false)
    }

    @Test(
        "a device that comes back within its grace is never seen to have gone",
        arguments: [.explicit(.online), .impliedOnline] as [SyncClaim])
    func comesBack(claim: SyncClaim) {
        var scene = Scene(restoring: [alice(published: .online, devices: [("A", -30, false)])])
        #expect(scene.effective().presence == .unavailable)
        scene.pass(.seconds(59))
        _ = scene.start("A", claim)
        scene.pass(.seconds(100))
        #expect(scene.seen.isEmpty)
        #expect(scene.effective().presence == .online)
    }

    @Test("a device that does not come back fades, and nobody is stuck online")
    func fades() {
        var scene = Scene(restoring: [alice(published: .online, lastOnline: -500, devices: [("A", -30, false)])])
        scene.pass(.seconds(1000))
        #expect(scene.seen == [Shown(60, .unavailable, lastActive: 60), Shown(310, .offline, lastActive: 60)])
    }

    @Test("a user without any device left is offline from the first second")
    func stuck() {
        let scene = Scene(restoring: [alice(published: .busy, lastOnline: -500)])
        #expect(scene.seen == [Shown(0, .offline, lastActive: -500)])
    }

    @Test("a fall waits for the end of the grace only while a device may still come back")
    func heldForOneThatMayComeBack() {
        let user = alice(published: .busy, devices: [("A", -30, false), ("B", -30, false)])
        var scene = Scene(restoring: [user])
        _ = scene.start("A", .explicit(.unavailable))
        scene.pass(.seconds(20))
        #expect(scene.seen == [])
        _ = scene.start("B", .explicit(.online))
        scene.pass(.seconds(4))
        #expect(scene.seen == [], "the fall begins when the last of them is back")
        scene.pass(.seconds(1))
        #expect(scene.seen == [Shown(25, .online)])
    }

    @Test("whoever came after the start, or has no device from before it, falls like on any other day")
    func othersFall() {
        let old = RestoredUser(user: Scene.user("bob"), published: .offline, lastOnline: nil, devices: [bobsDevice(-86_700)])
        var scene = Scene(restoring: [old])
        let (bob, carol) = (Scene.device("B", of: old.user), Scene.device("C", of: Scene.user("carol")))
        for device in [bob, carol] {
            let (handle, actions) = scene.engine.syncStarted(device, claim: .explicit(.busy), at: scene.now)
            scene.apply(actions)
            scene.apply(scene.engine.syncEnded(handle, at: scene.now))
            scene.apply(scene.engine.syncStarted(device, claim: .explicit(.online), at: scene.now).1)
        }
        scene.pass(.seconds(6))
        for device in [bob, carol] { #expect(scene.shown[device.user] == [Shown(0, .busy), Shown(5, .online)]) }
    }

    @Test("how long the server was down does not count against a device")
    func longDown() {
        let other = RestoredUser(
            user: Scene.user("bob"), published: .online, lastOnline: nil,
            devices: [bobsDevice(-86_700)])
        let scene = Scene(restoring: [alice(published: .online, devices: [("A", -86_400, false)]), other])
        #expect(scene.effective().presence == .unavailable)
        #expect(scene.effective(other.user).presence == .unavailable)
    }

    @Test(
        "a device that was gone before the stop stays gone, be it restored before or after the others",
        arguments: [true, false])
    func goneBefore(isFirst: Bool) {
        let gone = alice(published: .unavailable, devices: [("A", -1000, false)])
        let other = RestoredUser(
            user: Scene.user("bob"), published: .online, lastOnline: nil,
            devices: [bobsDevice(0)])
        let scene = Scene(restoring: isFirst ? [gone, other] : [other, gone])
        #expect(scene.effective().presence == .offline)
        #expect(scene.seen.map(\.presence) == [.offline])
    }

    @Test("until the grace has passed rises and what users do by hand are published, and no other falls")
    func recovery() throws {
        var scene = Scene(restoring: [alice(published: .online, devices: [("A", 0, false), ("B", 0, false)])])
        _ = scene.start("A", .explicit(.busy))
        scene.logOut("A")
        scene.pass(.seconds(10))
        #expect(scene.seen == [Shown(0, .busy, lastActive: 0)])
        try scene.put(PresencePut(presence: .unavailable, isManual: true), from: "B")
        #expect(scene.seen.last == Shown(10, .unavailable, lastActive: 0))
        scene.clear()
        scene.logOut("B")
        #expect(scene.seen.last == Shown(10, .offline, lastActive: 0))
    }

    @Test("a choice that expired while the server was down ends at the start")
    func expiredWhileDown() {
        let choice = PresenceChoice(.user, .busy, expires: .init(milliseconds: Scene.wallStart - 1))
        let scene = Scene(restoring: [alice(choice: choice, published: .busy, devices: [("A", -30, false)])])
        #expect(scene.seen == [Shown(0, .unavailable)])
        #expect(scene.stored[Scene.alice]?.isEmpty == true)
    }

    @Test("a choice that hid its user ends at the start, and the user shows with the next contact")
    func hiddenWhileDown() {
        let choice = PresenceChoice(.user, .offline, expires: .init(milliseconds: Scene.wallStart))
        var scene = Scene(restoring: [alice(choice: choice, published: .offline, lastOnline: -70, devices: [("A", -30, false)])])
        #expect(scene.stored[Scene.alice]?.isEmpty == true)
        scene.pass(.seconds(100))
        #expect(scene.seen == [])
        scene.poll("A", .explicit(.unavailable))
        #expect(scene.seen == [Shown(100, .unavailable, lastActive: -70)])
    }

    @Test(
        "a start raises nobody: who stood published offline stays so until a contact, however short ago the last one was",
        arguments: [Presence.offline, nil], [0, -30, -299, -330] as [Double])
    func raisesNobody(published: Presence?, contact: Double) {
        let user = alice(published: published, lastOnline: -500, devices: [("A", contact, false), ("B", -3000, false)])
        var scene = Scene(restoring: [user], stopped: 0)
        scene.pass(.seconds(1000))
        #expect(scene.seen == [])
        #expect(scene.effective().presence == .offline)
        scene.poll("A", .impliedOnline)
        #expect(scene.seen == [Shown(1000, .online)])
    }

    @Test("a contact after the start brings back the device that made it, and no other")
    func oneComesBack() {
        let user = alice(published: .offline, devices: [("A", -30, false), ("B", -30, false)])
        var scene = Scene(restoring: [user], stopped: 0)
        scene.activity("A")
        #expect(scene.seen == [Shown(0, .online)])
        scene.logOut("A")
        #expect(scene.seen.map(\.presence) == [.online, .offline])
    }

    @Test("an activity that is the first contact after a start is believed for as long as any other")
    func firstActivity() {
        var scene = Scene(restoring: [alice(published: .offline, devices: [("A", -5, false)])], stopped: 0)
        scene.activity("A")
        #expect(scene.effective().presence == .online)
        scene.pass(.seconds(59))
        #expect(scene.effective().presence == .online)
    }

    @Test("whose last contact is the newest of all was gone all the same when the server stopped long after it")
    func lastToLeave() {
        let scene = Scene(restoring: [alice(published: .unavailable, devices: [("A", -1000, false)])], stopped: -100)
        #expect(scene.effective().presence == .offline)
        #expect(scene.seen.map(\.presence) == [.offline])
    }

    @Test("a working pusher keeps who was not hidden reachable, though the contact was long before the stop")
    func pusherOfHidden() {
        let choice = PresenceChoice(.user, .offline, expires: .init(milliseconds: Scene.wallStart + 50_000))
        let user = alice(choice: choice, published: .offline, lastOnline: -70, devices: [("PHONE", -3000, true)])
        var scene = Scene(restoring: [user], stopped: 0)
        scene.pass(.seconds(49))
        #expect(scene.seen == [])
        scene.pass(.seconds(2))
        #expect(scene.seen == [Shown(50, .unavailable, lastActive: -70)])
    }

    @Test("a choice that holds is there again, and still expires")
    func choiceStays() {
        let choice = PresenceChoice(.user, .busy, expires: .init(milliseconds: Scene.wallStart + 50_000))
        var scene = Scene(restoring: [alice(choice: choice, published: .busy, devices: [("A", -30, false)])])
        #expect(scene.choices == [choice])
        scene.pass(.seconds(55))
        #expect(scene.seen == [Shown(50, .unavailable)])
    }

    @Test("away stands under what was chosen since")
    func awayStays() throws {
        let choice = PresenceChoice(.away(DeviceID("A")!), .unavailable)
        var scene = Scene(restoring: [alice(choice: choice, published: .unavailable, devices: [("A", -30, false)])])
        try scene.put(.busy, from: "B")
        #expect(scene.choices.map(\.maker) == [.device(DeviceID("B")!), .away(DeviceID("A")!)])
        try scene.put(.online, from: "A")
        #expect(scene.choices.map(\.maker) == [.device(DeviceID("B")!)])
    }

    @Test("a pusher counts from the last contact before the stop")
    func pusher() {
        let day = 86_400.0
        var scene = Scene(
            restoring: [alice(published: .unavailable, devices: [("PHONE", -6 * day, true), ("LAPTOP", -3000, false)])])
        scene.logOut("LAPTOP")
        #expect(scene.effective().presence == .unavailable)
        scene.pass(.seconds(2 * 86_400))
        #expect(scene.seen == [Shown(86_405, .offline)])
    }

    @Test("contacts that lie in the future or at the end of time do not trap", arguments: [.max, .min, 0] as [Int64])
    func oddContacts(milliseconds: Int64) {
        let device = RestoredDevice(id: DeviceID("A")!, lastContact: .init(milliseconds: milliseconds), hasWorkingPusher: true)
        var scene = Scene(
            restoring: [RestoredUser(user: Scene.alice, published: .online, lastOnline: nil, devices: [device])])
        scene.pass(.seconds(86_400 * 10))
        #expect(scene.effective().presence == .offline)
        #expect(scene.seen.last?.presence == .offline)
        scene.engine.checkInvariants()
    }
}

import MatrixModel
import PresenceCore
import Testing

@Suite("What devices say")
struct DeviceStoryTests {
    @Test("a busy device outranks an online one")
    func busyOutranksOnline() {
        var scene = Scene()
        _ = scene.start("LAPTOP", .explicit(.online))
        _ = scene.start("PHONE", .explicit(.busy))
        #expect(scene.seen == [Shown(0, .online), Shown(0, .busy, lastActive: 0)])
    }

    @Test(
        "a sync's claim shows at once",
        arguments: [
            (.impliedOnline, .online), (.explicit(.online), .online), (.explicit(.unavailable), .unavailable),
            (.explicit(.busy), .busy),
        ] as [(SyncClaim, Presence)])
    func claims(claim: SyncClaim, presence: Presence) {
        var scene = Scene()
        _ = scene.start("A", claim)
        #expect(scene.seen == [Shown(0, presence)])
    }

    @Test("a silent sync says nothing", arguments: [.silent, .explicit(.offline)] as [SyncClaim])
    func silent(claim: SyncClaim) {
        var scene = Scene()
        let sync = scene.start("A", claim)
        scene.pass(.seconds(30))
        scene.end(sync)
        scene.end(sync)
        #expect(scene.seen.isEmpty)
        #expect(scene.engine.takeChangedContacts().isEmpty)
        #expect(scene.engine.ownView(of: Scene.alice, at: scene.now).sources.isEmpty)
    }

    @Test("a device that goes over to silent syncs fades like one that stopped", arguments: [true, false])
    func goesSilent(staysConnected: Bool) {
        var scene = Scene()
        scene.poll("A", .explicit(.online))
        if staysConnected { _ = scene.start("A", .silent) }
        scene.pass(.seconds(1000))
        #expect(scene.seen == [Shown(0, .online), Shown(65, .unavailable, lastActive: 65), Shown(310, .offline, lastActive: 65)])
    }

    @Test("a device is live until the end of its grace, and reachable for longer")
    func boundaries() {
        var scene = Scene()
        scene.poll("A", .explicit(.online))
        scene.pass(.seconds(60) - .nanoseconds(1))
        #expect(scene.effective().presence == .online)
        scene.pass(.nanoseconds(1))
        #expect(scene.effective() == EffectivePresence(presence: .unavailable, reason: .reachable))
        scene.pass(.seconds(240) - .nanoseconds(1))
        #expect(scene.effective().presence == .unavailable)
        scene.pass(.nanoseconds(1))
        #expect(scene.effective() == EffectivePresence(presence: .offline, reason: .unreachable))
    }

    @Test("a device polling every 30 s never flickers")
    func polling() {
        var scene = Scene()
        for _ in 0..<100 {
            scene.poll("A", .explicit(.online))
            scene.pass(.seconds(30))
        }
        #expect(scene.seen == [Shown(0, .online)])
    }

    @Test("of two syncs in flight the stronger claim counts, and of none the one that ended last")
    func strongestInFlight() {
        var scene = Scene()
        let weak = scene.start("A", .explicit(.unavailable))
        let strong = scene.start("A", .explicit(.busy))
        #expect(scene.effective().presence == .busy)
        scene.end(strong)
        #expect(scene.effective().presence == .unavailable)
        scene.end(weak)
        #expect(scene.effective().presence == .unavailable)
        scene.poll("A", .explicit(.online))
        #expect(scene.effective().presence == .online)
    }

    @Test("an explicit online is believed for as long as the device is live")
    func explicitStays() {
        var scene = Scene()
        let sync = scene.start("A", .explicit(.online))
        scene.pass(.seconds(3600))
        #expect(scene.effective().presence == .online)
        scene.end(sync)
        #expect(scene.seen == [Shown(0, .online)])
    }

    @Test("an implied online decays without activity, and the contact that made the device live counts as one")
    func impliedDecays() {
        var scene = Scene()
        for _ in 0..<20 {
            scene.poll("A", .impliedOnline)
            scene.pass(.seconds(30))
        }
        #expect(scene.seen == [Shown(0, .online), Shown(305, .unavailable, lastActive: 305)])
        scene.activity("A")
        #expect(scene.seen.last == Shown(600, .online))
        for _ in 0..<20 {
            scene.poll("A", .impliedOnline)
            scene.pass(.seconds(30))
        }
        #expect(scene.seen.last == Shown(910, .unavailable, lastActive: 910))
    }

    @Test("an activity of a device that is not live claims an implied online")
    func activityClaims() {
        var scene = Scene()
        scene.activity("A")
        #expect(scene.seen == [Shown(0, .online)])
        let source = scene.engine.ownView(of: Scene.alice, at: scene.now).sources.first
        #expect(source?.presence == .online)
        #expect(source?.isExplicit == false)
    }

    @Test("an activity of a live device leaves its claim", arguments: [.unavailable, .busy] as [Presence])
    func activityLeavesClaim(claim: Presence) {
        var scene = Scene()
        scene.poll("A", .explicit(claim))
        scene.activity("A")
        #expect(scene.effective().presence == claim)
    }

    @Test("a device live without a claim is unavailable until its first activity")
    func liveWithoutClaim() throws {
        var scene = Scene()
        try scene.put(.busy, from: "A")
        scene.clear()
        #expect(scene.effective() == EffectivePresence(presence: .unavailable, reason: .reachable))
        scene.activity("A")
        #expect(scene.effective().presence == .online)
    }

    @Test("a claim whose time is over is not revived by a contact that claims nothing")
    func noRevival() throws {
        var scene = Scene()
        scene.poll("A", .explicit(.online))
        scene.pass(.seconds(61))
        try scene.put(PresencePut(presence: .unavailable, isManual: true), from: "A")
        scene.clear()
        #expect(scene.effective().presence == .unavailable)
    }

    @Test("busy is believed beyond the device's grace: a call outlives a network change")
    func busyOutlivesGrace() {
        var scene = Scene()
        scene.poll("A", .explicit(.busy))
        scene.pass(.seconds(250))
        scene.poll("A", .explicit(.busy))
        scene.pass(.seconds(1000))
        #expect(scene.seen == [Shown(0, .busy), Shown(555, .offline)])
    }

    @Test("log-out of a device drops its claim at once, and the sync it had in flight ends without effect")
    func logOut() {
        var scene = Scene()
        _ = scene.start("PHONE", .explicit(.unavailable))
        let call = scene.start("LAPTOP", .explicit(.busy))
        scene.logOut("LAPTOP")
        #expect(scene.effective().presence == .unavailable)
        let next = scene.start("LAPTOP", .explicit(.online))
        scene.end(call)
        scene.pass(.seconds(500))
        #expect(scene.effective().presence == .online)
        scene.end(next)
    }

    @Test("a sync that ends twice ends once")
    func doubleEnd() {
        var scene = Scene()
        let first = scene.start("A", .explicit(.online))
        _ = scene.start("A", .explicit(.online))
        scene.end(first)
        scene.end(first)
        scene.pass(.seconds(1000))
        #expect(scene.effective().presence == .online)
        scene.engine.checkInvariants()
    }

    @Test("a working pusher keeps a device reachable for a week after its last contact")
    func pusher() {
        var scene = Scene()
        scene.poll("PHONE", .explicit(.online))
        scene.pusher("PHONE", isWorking: true)
        scene.pass(.seconds(8 * 86_400))
        #expect(
            scene.seen == [
                Shown(0, .online), Shown(65, .unavailable, lastActive: 65), Shown(604_805, .offline, lastActive: 65),
            ])
    }

    @Test("a pusher without any contact makes nothing reachable, and one that stops working keeps nothing reachable")
    func pusherAlone() {
        var scene = Scene()
        scene.pusher("PHONE", isWorking: true)
        #expect(scene.effective().presence == .offline)
        scene.poll("PHONE", .explicit(.unavailable))
        scene.pass(.seconds(3600))
        #expect(scene.effective().presence == .unavailable)
        scene.pusher("PHONE", isWorking: false)
        #expect(scene.effective().presence == .offline)
        scene.pusher("PHONE", isWorking: true)
        #expect(scene.effective().presence == .unavailable)
    }

    @Test("last contacts are told once a minute, cut to the minute")
    func contacts() {
        var scene = Scene()
        scene.pass(.milliseconds(1500))
        scene.poll("A", .impliedOnline)
        let first = scene.engine.takeChangedContacts()
        #expect(first.map(\.0) == [Scene.device("A")])
        #expect(first.map(\.1) == [scene.wall(0)])
        scene.pass(.seconds(30))
        scene.poll("A", .impliedOnline)
        #expect(scene.engine.takeChangedContacts().isEmpty)
        scene.pass(.seconds(30))
        scene.activity("A")
        #expect(scene.engine.takeChangedContacts().map(\.1) == [scene.wall(60)])
        scene.pass(.seconds(60))
        scene.activity("A")
        scene.logOut("A")
        #expect(scene.engine.takeChangedContacts().isEmpty)
    }

    @Test("a user sees every source and the rule that decided")
    func ownView() throws {
        var scene = Scene()
        _ = scene.start("B", .explicit(.unavailable))
        scene.poll("A", .impliedOnline)
        scene.pusher("A", isWorking: true)
        scene.pass(.seconds(90))
        try scene.put(PresencePut(presence: .busy, expires: scene.wall(200)), from: "B")
        #expect(
            scene.engine.ownView(of: Scene.alice, at: scene.now)
                == OwnView(
                    effective: EffectivePresence(presence: .busy, reason: .busy),
                    choices: [PresenceChoice(.user, .busy, expires: scene.wall(200), number: 1)],
                    sources: [
                        .init(
                            device: DeviceID("A")!, presence: nil, isExplicit: false, isLive: false, lastContact: scene.wall(0),
                            hasWorkingPusher: true),
                        .init(
                            device: DeviceID("B")!, presence: .unavailable, isExplicit: true, isLive: true,
                            lastContact: scene.wall(90), hasWorkingPusher: false),
                    ]))
        #expect(scene.effective(Scene.user("nobody")).reason == .unreachable)
    }
}

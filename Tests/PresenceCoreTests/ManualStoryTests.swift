import MatrixModel
import PresenceCore
import Testing

@Suite("What users set by hand")
struct ManualStoryTests {
    @Test("busy stands for a day, whatever devices say")
    func busy() throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        try scene.put(.busy, from: "A")
        scene.pass(.seconds(100_000))
        #expect(scene.seen == [Shown(0, .online), Shown(0, .busy, lastActive: 0), Shown(86_400, .online)])
        #expect(scene.stored.isEmpty)
    }

    @Test("a choice ends at its expiry")
    func expiry() throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        for presence in [Presence.busy, .unavailable, .offline] {
            try scene.put(PresencePut(presence: presence, expires: scene.now.wall.advanced(by: .seconds(50))), from: "A")
            scene.pass(.seconds(50) - .milliseconds(1))
            #expect(scene.effective().presence == presence)
            scene.pass(.milliseconds(1))
            #expect(scene.effective().presence == .online)
            #expect(scene.stored.isEmpty)
        }
        #expect(scene.seen.map(\.second) == [0, 0, 50, 50, 100, 100, 150])
    }

    @Test(
        "a choice without an expiry gets the one of its kind",
        arguments: [
            (PresencePut(presence: .busy), 86_400), (PresencePut(presence: .offline), nil),
            (PresencePut(presence: .unavailable, isManual: true), 604_800), (PresencePut(presence: .unavailable), nil),
        ] as [(PresencePut, Double?)])
    func standardExpiries(put: PresencePut, seconds: Double?) throws {
        var scene = Scene()
        try scene.put(put, from: "A")
        #expect(scene.stored[Scene.alice]?.expires == seconds.map { scene.wall($0) })
        #expect(scene.engine.nextExpiry == seconds.map { scene.wall($0) })
    }

    @Test("an expiry that is not later than now is refused and changes nothing", arguments: Presence.allCases)
    func expiryInThePast(presence: Presence) {
        var scene = Scene()
        for past in [0, -1, -1e9] {
            #expect(throws: PutRefusal.expiryInThePast) {
                try scene.put(PresencePut(presence: presence, expires: scene.wall(past)), from: "A")
            }
        }
        #expect(scene.seen.isEmpty)
        #expect(scene.effective().presence == .offline)
    }

    @Test("online clears a choice and is an explicit claim of its device")
    func onlineClears() throws {
        for choice in [Presence.busy, .offline] {
            var scene = Scene()
            try scene.put(choice, from: "A")
            try scene.put(.online, from: "B")
            #expect(scene.stored.isEmpty)
            let source = scene.engine.ownView(of: Scene.alice, at: scene.now).sources.last
            #expect(source?.presence == .online)
            #expect(source?.isExplicit == true)
            #expect(scene.seen.last == Shown(0, .online))
        }
    }

    @Test(
        "a put of online is heard beside a weaker sync in flight, until a sync of the device begins or ends",
        arguments: [true, false])
    func putBesideSync(endsFirst: Bool) throws {
        var scene = Scene()
        let idle = scene.start("A", .explicit(.unavailable))
        try scene.put(.online, from: "A")
        #expect(scene.effective().presence == .online)
        if endsFirst { scene.end(idle) } else { _ = scene.start("A", .explicit(.unavailable)) }
        #expect(scene.effective().presence == .unavailable)
    }

    @Test("clearing counts as nothing else")
    func clearing() throws {
        var scene = Scene()
        scene.clear()
        try scene.put(.busy, from: "A")
        scene.pass(.seconds(250))
        scene.clear()
        #expect(scene.effective().presence == .unavailable)
        scene.pass(.seconds(60))
        #expect(scene.seen.map(\.presence) == [.busy, .unavailable, .offline])
        #expect(scene.seen.map(\.second) == [0, 250, 310])
    }

    @Test("a choice without any reachable device is offline, and shows again with the next contact")
    func choiceWithoutDevice() throws {
        var scene = Scene()
        try scene.put(.busy, from: "A")
        scene.logOut("A")
        #expect(scene.seen == [Shown(0, .busy), Shown(0, .offline)])
        #expect(scene.stored[Scene.alice]?.presence == .busy)
        scene.pass(.seconds(5))
        scene.poll("B", .explicit(.unavailable))
        #expect(scene.seen.last == Shown(5, .busy))
    }

    @Test("putting offline is no contact")
    func offlineIsNoContact() throws {
        var scene = Scene()
        try scene.put(.offline, from: "A")
        scene.clear()
        #expect(scene.effective().presence == .offline)
        #expect(scene.seen.isEmpty)
        #expect(scene.engine.takeChangedContacts().isEmpty)
    }

    // MARK: Soft and firm

    @Test("a soft unavailable ends with the user's next activity on any device")
    func softEndsWithActivity() throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        try scene.put(.unavailable, from: "A")
        #expect(scene.stored[Scene.alice]?.softDevice == DeviceID("A"))
        scene.pass(.seconds(10))
        scene.activity("B")
        #expect(scene.stored.isEmpty)
        #expect(scene.seen == [Shown(0, .online), Shown(0, .unavailable, lastActive: 0), Shown(10, .online)])
    }

    @Test("the end of a soft unavailable publishes no fall of devices before its time")
    func softEndsUnderFall() throws {
        var scene = Scene()
        scene.poll("A", .explicit(.busy))
        try scene.put(.unavailable, from: "A")
        scene.pass(.seconds(302))
        scene.activity("A")
        #expect(scene.stored.isEmpty)
        #expect(scene.seen == [Shown(0, .busy)])
        scene.pass(.seconds(3))
        #expect(scene.seen == [Shown(0, .busy), Shown(305, .online)])
    }

    @Test("a soft unavailable ends with an explicit online that the device did not claim before, and with nothing less")
    func softEndsWithNewClaim() throws {
        var scene = Scene()
        let first = scene.start("A", .explicit(.online))
        try scene.put(.unavailable, from: "A")
        _ = scene.start("A", .explicit(.online))
        scene.end(first)
        _ = scene.start("B", .impliedOnline)
        scene.poll("B", .explicit(.unavailable))
        scene.poll("B", .explicit(.busy))
        #expect(scene.stored[Scene.alice]?.isSoft == true)
        _ = scene.start("B", .explicit(.online))
        #expect(scene.stored.isEmpty)
        #expect(scene.effective().presence == .online)
    }

    @Test("a device that faded and comes back online ends its soft unavailable")
    func softEndsWithReturn() throws {
        var scene = Scene()
        scene.poll("A", .explicit(.online))
        try scene.put(.unavailable, from: "A")
        scene.pass(.seconds(61))
        scene.poll("A", .explicit(.online))
        #expect(scene.effective().presence == .online)
    }

    @Test(
        "a firm unavailable outlives activity",
        arguments: [
            PresencePut(presence: .unavailable, isManual: true),
            PresencePut(presence: .unavailable, expires: MatrixTimestamp(milliseconds: Scene.wallStart + 99_000)),
        ])
    func firmStays(put: PresencePut) throws {
        var scene = Scene()
        try scene.put(put, from: "A")
        scene.activity("A")
        _ = scene.start("B", .explicit(.online))
        #expect(scene.effective() == EffectivePresence(presence: .unavailable, reason: .manualUnavailable))
        try scene.put(.online, from: "A")
        #expect(scene.effective().presence == .online)
    }

    @Test(
        "a soft unavailable never replaces a firm choice, and the online that follows it takes back just that",
        arguments: [
            PresencePut(presence: .busy), PresencePut(presence: .offline), PresencePut(presence: .unavailable, isManual: true),
        ])
    func softUnderFirm(firm: PresencePut) throws {
        var scene = Scene()
        _ = scene.start("B", .explicit(.online))
        try scene.put(firm, from: "B")
        let choice = scene.stored[Scene.alice]
        let seen = scene.seen
        for _ in 0..<3 {
            try scene.put(.unavailable, from: "A")
            scene.pass(.seconds(3600))
            try scene.put(.online, from: "A")
            #expect(scene.stored[Scene.alice] == choice)
            #expect(scene.seen == seen)
        }
        try scene.put(.online, from: "A")
        #expect(scene.stored.isEmpty)
    }

    @Test(
        "a choice made after a soft unavailable outlives the online that takes the soft one back",
        arguments: [Presence.busy, .offline])
    func firmAfterSoft(firm: Presence) throws {
        var scene = Scene()
        try scene.put(.unavailable, from: "A")
        try scene.put(firm, from: "B")
        try scene.put(.online, from: "A")
        #expect(scene.stored[Scene.alice]?.presence == firm)
        try scene.put(.online, from: "B")
        #expect(scene.stored.isEmpty)
    }

    // MARK: Status text

    @Test(
        "a put with a text that repeats the device's explicit claim only sets the text",
        arguments: [.online, .unavailable, .busy] as [Presence])
    func textOnly(claim: Presence) throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(claim))
        try scene.put(.offline, from: "B")
        try scene.put(PresencePut(presence: claim, hasStatusText: true), from: "A")
        #expect(scene.stored[Scene.alice]?.presence == .offline)
        scene.clear()
        #expect(scene.effective().presence == claim)
    }

    @Test("a put with a text that says something else of the device is a choice like any other")
    func textAndChoice() throws {
        var scene = Scene()
        _ = scene.start("A", .impliedOnline)
        try scene.put(PresencePut(presence: .busy, hasStatusText: true), from: "A")
        #expect(scene.stored[Scene.alice]?.presence == .busy)
        try scene.put(PresencePut(presence: .online, hasStatusText: true), from: "A")
        #expect(scene.stored.isEmpty)
        try scene.put(PresencePut(presence: .offline, hasStatusText: true), from: "A")
        #expect(scene.effective().reason == .manualOffline)
    }
}

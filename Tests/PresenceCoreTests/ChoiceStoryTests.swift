import MatrixModel
import PresenceCore
import Testing

@Suite("What people and programs choose")
struct ChoiceStoryTests {
    @Test("busy stands for a day, whatever devices say", arguments: [true, false])
    func busy(isMarked: Bool) throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        try scene.put(PresencePut(presence: .busy, isManual: isMarked), from: "A")
        scene.pass(.seconds(100_000))
        #expect(scene.seen == [Shown(0, .online), Shown(0, .busy, lastActive: 0), Shown(86_400, .online)])
        #expect(scene.stored[Scene.alice]?.isEmpty == true)
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
            #expect(scene.stored[Scene.alice]?.isEmpty == true)
        }
        #expect(scene.seen.map(\.second) == [0, 0, 50, 50, 100, 100, 150])
    }

    @Test(
        "a choice without an expiry gets the one of its kind",
        arguments: [
            (PresencePut(presence: .busy), .device(DeviceID("A")!), 86_400),
            (PresencePut(presence: .busy, isManual: true), .user, 86_400),
            (PresencePut(presence: .offline), .device(DeviceID("A")!), nil),
            (PresencePut(presence: .offline, isManual: true), .user, nil),
            (PresencePut(presence: .unavailable, isManual: true), .user, 604_800),
            (PresencePut(presence: .unavailable), .away(DeviceID("A")!), nil),
        ] as [(PresencePut, PresenceChoice.Maker, Double?)])
    func standardExpiries(put: PresencePut, maker: PresenceChoice.Maker, seconds: Double?) throws {
        var scene = Scene()
        try scene.put(put, from: "A")
        #expect(scene.choices.map(\.maker) == [maker])
        #expect(scene.choices.first?.expires == seconds.map { scene.wall($0) })
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

    @Test("an expiry makes a choice a person's, but that of online belongs to its status alone")
    func expiryMarks() throws {
        var scene = Scene()
        try scene.put(PresencePut(presence: .offline, expires: scene.wall(50)), from: "A")
        #expect(scene.choices.map(\.maker) == [.user])
        try scene.put(PresencePut(presence: .online, expires: scene.wall(50), hasStatus: true), from: "A")
        #expect(scene.choices.map(\.maker) == [.user])
        try scene.put(PresencePut(presence: .online, isManual: true), from: "B")
        #expect(scene.choices.isEmpty)
    }

    @Test("online is an explicit claim of its device, marked or bare")
    func onlineClaims() throws {
        for isMarked in [true, false] {
            var scene = Scene()
            try scene.put(.busy, from: "A")
            try scene.put(PresencePut(presence: .online, isManual: isMarked), from: "B")
            let source = scene.engine.ownView(of: Scene.alice, at: scene.now).sources.last
            #expect(source?.presence == .online)
            #expect(source?.isExplicit == true)
            #expect(scene.seen.last == (isMarked ? Shown(0, .online) : Shown(0, .busy)))
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

    @Test("deleting counts as nothing else")
    func deleting() throws {
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

    @Test("a person's choice without any reachable device is offline, and shows again with the next contact")
    func choiceWithoutDevice() throws {
        var scene = Scene()
        try scene.choose(.busy, from: "A")
        scene.logOut("A")
        #expect(scene.seen == [Shown(0, .busy), Shown(0, .offline)])
        #expect(scene.choices.first?.presence == .busy)
        scene.pass(.seconds(5))
        scene.poll("B", .explicit(.unavailable))
        #expect(scene.seen.last == Shown(5, .busy))
    }

    @Test(
        "a device's log-out ends what the device chose, at once and in the store",
        arguments: [Presence.busy, .offline, .unavailable])
    func logOutEndsChoice(presence: Presence) throws {
        var scene = Scene()
        _ = scene.start("B", .impliedOnline)
        try scene.put(presence, from: "A")
        scene.logOut("A")
        #expect(scene.stored[Scene.alice]?.isEmpty == true)
        #expect(scene.seen.last == Shown(0, .online))
    }

    @Test("putting offline is no contact", arguments: [true, false])
    func offlineIsNoContact(isMarked: Bool) throws {
        var scene = Scene()
        try scene.put(PresencePut(presence: .offline, isManual: isMarked), from: "A")
        scene.clear()
        #expect(scene.effective().presence == .offline)
        #expect(scene.seen.isEmpty)
        #expect(scene.engine.takeChangedContacts().isEmpty)
    }

    @Test("in force is any offline, then the user's choice, then the newest busy of a device, then away")
    func orderOfForce() throws {
        var scene = Scene()
        try scene.put(.unavailable, from: "A")
        try scene.put(.busy, from: "B")
        try scene.put(.busy, from: "C")
        try scene.choose(.unavailable)
        try scene.put(.offline, from: "D")
        let makers = scene.choices.map { $0.maker.device?.rawValue ?? "user" }
        #expect(makers == ["D", "user", "C", "B", "A"])
        try scene.choose(.offline)
        #expect(scene.choices.map { $0.maker.device?.rawValue ?? "user" } == ["user", "D", "C", "B", "A"])
    }

    // MARK: Away

    @Test("away ends with the user's next activity on any device")
    func awayEndsWithActivity() throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(.online))
        try scene.put(.unavailable, from: "A")
        #expect(scene.choices.map(\.maker) == [.away(DeviceID("A")!)])
        scene.pass(.seconds(10))
        scene.activity("B")
        #expect(scene.stored[Scene.alice]?.isEmpty == true)
        #expect(scene.seen == [Shown(0, .online), Shown(5, .unavailable, lastActive: 5), Shown(10, .online)])
    }

    @Test("the end of away publishes no fall of devices before its time")
    func awayEndsUnderFall() throws {
        var scene = Scene()
        scene.poll("A", .explicit(.busy))
        try scene.put(.unavailable, from: "A")
        scene.pass(.seconds(302))
        scene.activity("A")
        #expect(scene.stored[Scene.alice]?.isEmpty == true)
        #expect(scene.seen == [Shown(0, .busy)])
        scene.pass(.seconds(3))
        #expect(scene.seen == [Shown(0, .busy), Shown(305, .online)])
    }

    @Test("away ends with an explicit online that the device did not claim before, and with nothing less")
    func awayEndsWithNewClaim() throws {
        var scene = Scene()
        let first = scene.start("A", .explicit(.online))
        try scene.put(.unavailable, from: "A")
        _ = scene.start("A", .explicit(.online))
        scene.end(first)
        _ = scene.start("B", .impliedOnline)
        scene.poll("B", .explicit(.unavailable))
        scene.poll("B", .explicit(.busy))
        #expect(scene.choices.first?.isAway == true)
        _ = scene.start("B", .explicit(.online))
        #expect(scene.choices.isEmpty)
        #expect(scene.effective().presence == .online)
    }

    @Test("a device that faded and comes back online ends its away")
    func awayEndsWithReturn() throws {
        var scene = Scene()
        scene.poll("A", .explicit(.online))
        try scene.put(.unavailable, from: "A")
        scene.pass(.seconds(61))
        scene.poll("A", .explicit(.online))
        #expect(scene.effective().presence == .online)
    }

    @Test(
        "a person's unavailable outlives activity and every bare put",
        arguments: [
            PresencePut(presence: .unavailable, isManual: true),
            PresencePut(presence: .unavailable, expires: MatrixTimestamp(milliseconds: Scene.wallStart + 99_000)),
        ])
    func unavailableStays(put: PresencePut) throws {
        var scene = Scene()
        try scene.put(put, from: "A")
        scene.activity("A")
        _ = scene.start("B", .explicit(.online))
        for presence in Presence.allCases where presence != .offline { try scene.put(presence, from: "A") }
        #expect(scene.effective() == EffectivePresence(presence: .unavailable, reason: .manualUnavailable))
        try scene.choose(.online)
        #expect(scene.effective().presence == .online)
    }

    @Test("a thousand puts a second of unavailable and online publish what settling allows", arguments: [1, 2])
    func flapping(devices: Int) throws {
        var scene = Scene()
        scene.poll("D1", .impliedOnline)
        for turn in 0..<30_000 {
            try scene.put(turn % 2 == 0 ? .unavailable : .online, from: "D\(turn / 2 % devices + 1)")
            scene.pass(.milliseconds(1))
        }
        #expect(scene.seen.count == 1, "each fall is undone before its time")
        try scene.put(.unavailable, from: "D1")
        scene.pass(.seconds(100))
        #expect(scene.seen.count == 2)
    }

    // MARK: Status

    @Test(
        "a put with a status that repeats the device's explicit claim makes and ends no choice",
        arguments: [.online, .unavailable, .busy] as [Presence])
    func statusOfClaim(claim: Presence) throws {
        var scene = Scene()
        _ = scene.start("A", .explicit(claim))
        try scene.put(.offline, from: "B")
        try scene.put(.busy, from: "A")
        let before = scene.choices
        try scene.put(PresencePut(presence: claim, hasStatus: true), from: "A")
        #expect(scene.choices == before)
    }

    @Test("a put with a status that repeats what the user is makes and ends no choice, and is the contact that it is")
    func statusOfEffective() throws {
        var scene = Scene()
        try scene.put(.busy, from: "A")
        try scene.put(PresencePut(presence: .busy, hasStatus: true), from: "B")
        #expect(scene.choices.map(\.maker) == [.device(DeviceID("A")!)])
        scene.logOut("A")
        #expect(scene.effective().presence == .unavailable, "B is reachable")
    }

    @Test("a put of offline with a status hides where nothing hides yet, unless its device was silent")
    func statusOfOffline() throws {
        var scene = Scene()
        try scene.put(PresencePut(presence: .offline, hasStatus: true), from: "A")
        #expect(scene.choices.map(\.maker) == [.device(DeviceID("A")!)])
        try scene.put(PresencePut(presence: .offline, hasStatus: true), from: "B")
        #expect(scene.choices.count == 1)
        scene.clear()
        _ = scene.start("A", .silent)
        try scene.put(PresencePut(presence: .offline, hasStatus: true), from: "A")
        #expect(scene.choices.isEmpty)
        try scene.put(PresencePut(presence: .offline), from: "A")
        #expect(scene.choices.first?.endsWithSync == true)
    }

    @Test("a put with a status that says something else of the device is a put like any other")
    func statusAndChoice() throws {
        var scene = Scene()
        _ = scene.start("A", .impliedOnline)
        try scene.put(PresencePut(presence: .busy, hasStatus: true), from: "A")
        #expect(scene.choices.first?.presence == .busy)
        try scene.put(PresencePut(presence: .online, hasStatus: true), from: "A")
        #expect(scene.choices.isEmpty)
    }
}

import MatrixModel
import PresenceCore
import Testing

@Suite("The table of choices")
struct ChoiceTableTests {
    @Test("each row shows what the document says", arguments: ChoiceTable.rows)
    func row(_ row: ChoiceTable.Row) throws { try run(row, restartsAfter: []) }

    @Test("each row shows the same with a restart after every step", arguments: ChoiceTable.rows)
    func rowWithRestarts(_ row: ChoiceTable.Row) throws {
        for step in row.steps.indices { try run(row, restartsAfter: [step]) }
        try run(row, restartsAfter: Set(row.steps.indices))
    }

    @Test("the document has the table")
    func isThere() {
        #expect(ChoiceTable.rows.count >= 25)
        #expect(
            ChoiceTable.rows.allSatisfy { $0.steps.count >= 1 && $0.steps.allSatisfy { Presence(rawValue: $0.shown) != nil } })
    }

    private func run(_ row: ChoiceTable.Row, restartsAfter restarts: Set<Int>) throws {
        var house = ChoiceHouse()
        for (index, step) in row.steps.enumerated() {
            try house.take(step)
            house.follow()
            let place = "row \(row.number), after `\(step.text)`, restarts after \(restarts.sorted())"
            let expected = try #require(Presence(rawValue: step.shown))
            if step.isSoon { house.scene.pass(.seconds(restarts.isEmpty ? 10 : 75)) }
            #expect(house.scene.effective().presence == expected, Comment(rawValue: place))
            #expect(house.shown == expected, Comment(rawValue: place))
            if restarts.contains(index) {
                let seen = house.allShown
                house.restart(down: .seconds(1))
                #expect(house.allShown == seen, Comment(rawValue: place + ", and a restart"))
                house.scene.pass(.seconds(1))
            } else {
                house.scene.pass(.seconds(1))
            }
        }
        house.scene.engine.checkInvariants()
    }
}

/// Alice's devices: D says `online` all the time, the others say what the steps have them say. It is nine in the morning.
private struct ChoiceHouse {
    static let nine: Int64 = 1_760_000_400_000 / 86_400_000 * 86_400_000 + 9 * 3_600_000

    var scene: Scene
    private var syncs: [String: (claim: SyncClaim, handle: SyncHandle)] = [:]
    private var contacts: [DeviceID: MatrixTimestamp] = [:]
    private var before: [Shown] = []
    /// The user's `m.presence.persistent`.
    private var persistent: JSONObject = [:]

    init() {
        scene = Scene()
        scene.now.wall = MatrixTimestamp(milliseconds: Self.nine)
        sync("D", .explicit(.online))
    }

    var allShown: [Presence] { (before + scene.seen).map(\.presence) }
    var shown: Presence { allShown.last ?? .offline }

    mutating func take(_ step: ChoiceTable.Step) throws {
        let words = step.words
        switch (words[0], words.dropFirst().first) {
        case ("DELETE", nil): scene.clear()
        case ("DELETE", let device?):
            scene.apply(scene.engine.choicesDeleted(of: Scene.alice, device: DeviceID(device), at: scene.now))
        case ("restart", _): restart(down: .seconds(1))
        case ("down", _): restart(down: duration(until: words[1]))
        case ("+", _): scene.pass(.seconds(60 * (Int(words[1]) ?? 0)))
        case (let time, _) where time.contains(":"): scene.pass(duration(until: time))
        case (let device, "syncs"?): sync(device, try #require(Self.claims[words[2]]))
        case (let device, "stops"?): if let sync = syncs.removeValue(forKey: device) { scene.end(sync.handle) }
        case (let device, "receipt"?): scene.activity(device)
        case (_, "writes"?): write(words[2])
        case (let device, "logs"?):
            syncs[device] = nil
            contacts[try #require(DeviceID(device))] = nil
            scene.logOut(device)
        case (let device, "calls"?): scene.apply(scene.engine.callWritten(by: DeviceID(device), of: Scene.alice, at: scene.now))
        case (_, "hangs"?): scene.apply(scene.engine.callRemoved(of: Scene.alice, at: scene.now))
        case (let device, _): try put(words, from: device)
        }
    }

    /// A client writes the account data.
    private mutating func write(_ word: String) {
        let content: JSONObject = word == "nothing" ? [:] : ["state_override": .string(word)]
        let change = PersistentPresence(parsing: persistent).change(to: PersistentPresence(parsing: content))
        persistent = content
        switch change.choice {
        case .stays: break
        case .ends: scene.apply(scene.engine.userChose(nil, of: Scene.alice, at: scene.now))
        case .becomes(let presence): scene.apply(scene.engine.userChose(presence, of: Scene.alice, at: scene.now))
        }
    }

    /// The server writes what was chosen elsewhere.
    mutating func follow() {
        let choice = scene.engine.choices(of: Scene.alice).ofUser
        var value = PersistentPresence(parsing: persistent)
        value.override = choice.map { .chosen($0.presence) } ?? .none
        persistent = value.written(into: persistent, as: PersistentPresence.types[0])
    }

    private static let claims: [String: SyncClaim] = [
        "silent": .silent, "implied": .impliedOnline, "online": .explicit(.online), "unavailable": .explicit(.unavailable),
        "busy": .explicit(.busy),
    ]

    private mutating func put(_ words: [String], from device: String) throws {
        let isMarked = device == "B" || words.contains("marked")
        let presence = try #require(words.lazy.compactMap { Presence(rawValue: $0) }.first)
        let until = words.firstIndex(of: "until").map { words[$0 + 1] }
        try scene.put(
            PresencePut(
                presence: presence, expires: until.map { scene.now.wall.advanced(by: duration(until: $0)) }, isManual: isMarked,
                hasStatus: words.contains("text") || words.contains("\"\"")), from: device)
    }

    private mutating func sync(_ device: String, _ claim: SyncClaim) {
        let old = syncs[device]
        syncs[device] = (claim, scene.start(device, claim))
        if let old { scene.end(old.handle) }
    }

    /// How long it is until the wall clock shows this next.
    private func duration(until time: String) -> Duration {
        let parts = time.split(separator: ":").compactMap { Int64($0) }
        let target = (parts[0] * 60 + parts[1]) * 60_000
        let inDay = scene.now.wall.milliseconds % 86_400_000
        return .milliseconds(target > inDay ? target - inDay : target - inDay + 86_400_000)
    }

    /// The server stops, starts again, and clients go on with what they did.
    mutating func restart(down: Duration) {
        for sync in syncs.values { scene.end(sync.handle) }
        let engine = scene.engine
        for (device, time) in scene.engine.takeChangedContacts() { contacts[device.device] = time }
        let stopped = scene.now.wall
        scene.now.wall = scene.now.wall.advanced(by: down)
        scene.now.monotonic = scene.now.monotonic.advanced(by: down)
        before += scene.seen
        scene.shown = [:]
        scene.engine = PresenceEngine(settings: PresenceSettings(), startedAt: scene.now)
        scene.engine.restore(
            RestoredUser(
                user: Scene.alice, choices: engine.choices(of: Scene.alice), call: engine.call(of: Scene.alice),
                published: engine.standing(of: Scene.alice), lastOnline: engine.lastOnline(of: Scene.alice),
                devices: contacts.map { RestoredDevice(id: $0.key, lastContact: $0.value, hasWorkingPusher: false) }),
            stoppedAt: stopped, at: scene.now)
        scene.pass(.zero)
        for device in syncs.keys.sorted() {
            if let sync = syncs[device] { syncs[device]?.handle = scene.start(device, sync.claim) }
        }
    }
}

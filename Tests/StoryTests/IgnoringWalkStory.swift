import HearthTestKit
import MatrixModel
import Testing

/// Users who ignore and are ignored at random, beside a model that knows what each device has to be told.
@Suite("Ignoring, at random")
struct IgnoringWalkStory {
    @Test(
        "every device is told what its user does not ignore and did not miss, and nothing else", arguments: [1, 2, 3] as [UInt64])
    func walk(seed: UInt64) async throws {
        try await withHearth(settings: ["sync.presence_wake_interval": "0ms", "presence.settle": "0ms"]) { hearth in
            let walk = try await IgnoringWalk(hearth, seed: seed)
            for step in 0..<120 {
                if step % 40 == 39 { try await walk.restart(hearth) }
                try await walk.step()
                if let difference = walk.difference {
                    Issue.record("seed \(seed), step \(step): \(difference)")
                    return
                }
            }
            #expect(walk.compared > 60 && walk.hidden > 20, "too little happened: \(walk.compared), \(walk.hidden)")
        }
    }
}

/// One walk: alice with two devices, bob and carol whom she may ignore, and a room of theirs.
final class IgnoringWalk {
    private let scene: IgnoringScene
    private var random: SeededGenerator
    private var model = IgnoringModel()
    private var devices: [IgnoringDevice] = []
    private var others: [MatrixClient] { [scene.bob, scene.carol] }
    private(set) var difference: String?
    /// How many answers were compared, and how many of the things that they might have told were hidden.
    private(set) var compared = 0
    private(set) var hidden = 0

    init(_ hearth: HearthProcess, seed: UInt64) async throws {
        scene = try await IgnoringScene(hearth)
        random = SeededGenerator(seed: seed)
        for other in others {
            try await other.putPresence("busy")
            model.presence[other.userID] = "busy"
        }
        for client in [scene.alice, scene.laptop] {
            var device = IgnoringDevice(client: client)
            let answer = try await scene.fresh(client)
            device.take(answer, in: scene.room, others: others.map(\.userID))
            devices.append(device)
        }
    }

    func restart(_ hearth: HearthProcess) async throws {
        try await hearth.restart()
        model.typing = []
    }

    func step() async throws {
        for _ in 0..<Int.random(in: 1...3, using: &random) { try await happen() }
        switch Int.random(in: 0..<8, using: &random) {
        case 0: try await compareFresh()
        case 1: try await compareReads()
        default: try await compareNext(Int.random(in: 0..<devices.count, using: &random))
        }
    }

    private func happen() async throws {
        let other = others[Int.random(in: 0..<2, using: &random)]
        let id = other.userID
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<3: try await ignore(Set(others.map(\.userID).filter { _ in Bool.random(using: &random) }))
        case 3..<9:
            let text = Bool.random(using: &random) ? "hello" : "hello alice"
            model.sent(try await other.sendText(text, to: scene.room), by: id, isState: false)
        case 9..<11:
            let content: JSON = ["n": .integer(Int64(model.log.count))]
            model.sent(try await other.setState("org.example.\(other.deviceID)", content, in: scene.room), by: id, isState: true)
        case 11..<14:
            let types = Bool.random(using: &random)
            try await other.putTyping(in: scene.room, for: types ? 30_000 : nil)
            model.typed(id, types)
        case 14:
            guard let event = model.log.last?.event else { return }
            try await other.sendReceipt(for: event, in: scene.room)
            model.received(event, by: id)
        case 15: model.invited(to: try await other.createRoom(["invite": [.string(scene.alice.userID)]]), by: id)
        case 16..<18:
            let value = ["busy", "offline"].randomElement(using: &random)!
            try await other.putPresence(value)
            // Whoever begins to appear offline types no longer.
            if value == "offline", model.presence[id] != value { model.typed(id, false) }
            model.presence[id] = value
        default:
            guard let event = model.log.randomElement(using: &random) else { return }
            try await scene.alice.sendReceipt(
                Bool.random(using: &random) ? "m.read" : "m.read.private", for: event.event, in: scene.room)
            model.read(event)
        }
    }

    private func ignore(_ users: Set<String>) async throws {
        let entries = JSONObject(users.sorted().map { ($0, JSON.object([:])) })
        try await scene.alice.setAccountData(IgnoringScene.type, ["ignored_users": .object(entries)])
        model.ignore(users)
    }

    // MARK: Comparing

    private func compareNext(_ index: Int) async throws {
        var device = devices[index]
        let filter: JSON = ["room": ["timeline": ["limit": 500]]]
        let answer = try await device.client.sync(since: device.since, setPresence: "offline", filter: filter)
        let news = model.news(after: device.time)
        device.take(answer, in: scene.room, others: others.map(\.userID))
        device.time = model.time
        devices[index] = device
        hidden += news.hidden
        compare("the timeline", device.timeline, news.events)
        compare("invitations", device.invitations.sorted(), news.invitations.sorted())
        compare("receipts", device.receipts.filter { $0.hasPrefix("@alice") == false }.sorted(), news.receipts.sorted())
        compareStanding(device, "the next sync")
    }

    private func compareFresh() async throws {
        var device = IgnoringDevice(client: scene.laptop)
        let filter: JSON = ["room": ["timeline": ["limit": 500]]]
        let answer = try await scene.laptop.sync(setPresence: "offline", filter: filter)
        device.take(answer, in: scene.room, others: others.map(\.userID))
        compare("a fresh timeline", device.timeline.filter(model.isKnown), model.fresh.events)
        compare("fresh invitations", device.invitations.sorted(), model.fresh.invitations.sorted())
        compareStanding(device, "a fresh sync")
    }

    private func compareStanding(_ device: IgnoringDevice, _ what: String) {
        compare("who types after \(what)", device.typing, model.shownTyping)
        compare("the count after \(what)", [device.unread], [model.unread])
        for (user, presence) in model.presence {
            let shown = model.ignored.contains(user) ? "offline" : presence
            compare(
                "\(user)'s presence after \(what)", [device.presence[user] ?? "offline"],
                [shown == "busy" ? "org.matrix.msc3026.busy" : shown])
        }
    }

    private func compareReads() async throws {
        let page = try await scene.alice.get("/rooms/\(scene.room)/messages", query: ["dir": "f", "limit": "1000"])
        let ids = page.json["chunk"]?.arrayValue?.compactMap { $0["event_id"]?.stringValue } ?? []
        compare("the history", ids.filter(model.isKnown), model.fresh.events)
        let notified =
            try await scene.alice.get("/notifications", query: ["limit": "100"]).json["notifications"]?.arrayValue ?? []
        compare(
            "notifications", Array(notified.compactMap { $0["event", "event_id"]?.stringValue }.filter(model.isKnown).prefix(50)),
            Array(model.notified.prefix(50)))
        guard let event = model.log.randomElement(using: &random) else { return }
        let answer = try await scene.alice.request("GET", "/rooms/\(scene.room)/event/\(event.event)")
        compare("an event", [answer.status], [model.isHiddenNow(event) ? 404 : 200])
    }

    private func compare<Value: Equatable>(_ what: String, _ told: [Value], _ expected: [Value]) {
        compared += 1
        guard told != expected, difference == nil else { return }
        difference = "\(what): \(told) was told, not \(expected); ignored are \(model.ignored.sorted())"
    }
}

/// What one device was told last, and all together.
struct IgnoringDevice {
    let client: MatrixClient
    var since: String?
    /// Up to when it has been told, by the model's clock.
    var time = 0
    // Of the last answer.
    private(set) var timeline: [String] = []
    private(set) var invitations: [String] = []
    private(set) var receipts: [String] = []
    // Of all answers.
    private(set) var typing: [String] = []
    private(set) var unread = 0
    private(set) var presence: [String: String] = [:]

    init(client: MatrixClient) { self.client = client }

    mutating func take(_ answer: SyncResponse, in room: String, others: [String]) {
        since = answer.nextBatch
        timeline = answer.timeline(of: room).filter { others.map(JSON.string).contains($0["sender"] ?? .null) }
            .compactMap { $0["event_id"]?.stringValue }
        invitations = answer["rooms", "invite"]?.objectValue?.keys.map { $0 } ?? []
        receipts = answer.json.events(at: "rooms", "join", room, "ephemeral").ofType("m.receipt").contents.flatMap { content in
            (content.objectValue?.members ?? []).flatMap { event in
                (event.value["m.read"]?.objectValue?.keys.map { $0 } ?? []).map { "\($0) \(event.key)" }
            }
        }
        typing = answer.typing(in: room) ?? typing
        unread = answer.unreadCount(of: room).map { Int($0) } ?? unread
        for user in others {
            if let told = answer.legacyPresence(of: user)?["presence"]?.stringValue { presence[user] = told }
        }
    }
}

/// What happened, and what of it alice may be told.
struct IgnoringModel {
    struct Sent {
        let event: String
        let sender: String
        let isState: Bool
        let time: Int
        /// Whether the ignoring of its sender ended after it.
        var isMissed = false
    }

    struct Told {
        var events: [String] = []
        var invitations: [String] = []
        var receipts: [String] = []
        var hidden = 0
    }

    private(set) var time = 0
    private(set) var log: [Sent] = []
    private var invitations: [Sent] = []
    private var receipts: [String: Sent] = [:]
    private var readUpTo = 0
    private(set) var ignored: Set<String> = []
    var typing: [String] = []
    var presence: [String: String] = [:]

    private mutating func happened(_ event: String, by sender: String, isState: Bool = false) -> Sent {
        time += 1
        return Sent(event: event, sender: sender, isState: isState, time: time)
    }

    mutating func sent(_ event: String, by sender: String, isState: Bool) {
        log.append(happened(event, by: sender, isState: isState))
        if !isState { typing.removeAll { $0 == sender } }
    }

    mutating func invited(to room: String, by sender: String) { invitations.append(happened(room, by: sender)) }

    /// A receipt for what was read already changes nothing.
    mutating func received(_ event: String, by user: String) {
        if receipts[user]?.event != event { receipts[user] = happened(event, by: user) }
    }

    mutating func read(_ event: Sent) { readUpTo = max(readUpTo, event.time) }

    mutating func typed(_ user: String, _ types: Bool) {
        if !types { typing.removeAll { $0 == user } } else if !typing.contains(user) { typing.append(user) }
    }

    mutating func ignore(_ users: Set<String>) {
        let ended = ignored.subtracting(users)
        ignored = users
        for index in log.indices where ended.contains(log[index].sender) { log[index].isMissed = true }
        for index in invitations.indices where ended.contains(invitations[index].sender) { invitations[index].isMissed = true }
        for user in ended { receipts[user]?.isMissed = true }
    }

    func isKnown(_ event: String) -> Bool { log.contains { $0.event == event } }
    func isHiddenNow(_ sent: Sent) -> Bool { !sent.isState && ignored.contains(sent.sender) }
    private func isHidden(_ sent: Sent) -> Bool { isHiddenNow(sent) || !sent.isState && sent.isMissed }

    /// What a sync tells that continues from a time.
    func news(after since: Int) -> Told {
        let new = log.filter { $0.time > since }
        var told = Told(events: new.filter { !isHidden($0) }.map(\.event))
        told.invitations = invitations.filter { $0.time > since && !isHidden($0) }.map(\.event)
        told.receipts = receipts.values.filter { $0.time > since && !isHidden($0) }.map { "\($0.sender) \($0.event)" }
        told.hidden = new.count - told.events.count
        return told
    }

    var fresh: Told {
        Told(
            events: log.filter { !isHiddenNow($0) }.map(\.event),
            invitations: invitations.filter { !ignored.contains($0.sender) }.map(\.event))
    }

    var shownTyping: [String] { typing.filter { !ignored.contains($0) } }
    var unread: Int { log.filter { !$0.isState && $0.time > readUpTo && !isHidden($0) }.count }
    /// The newest first.
    var notified: [String] { log.filter { !$0.isState && !isHidden($0) }.reversed().map(\.event) }
}

import HearthStore
import Logging
import MatrixModel
import PresenceCore
import RoomRules
import SubscriptionCore
import TestSupport
import Testing

@testable import HearthServices

/// A server without its loops: facts go into the presence engine one after the other, each publication is one write of the real writer,
/// and watchers take their plans from the subscription engine when they like.
///
/// The naive model is two dictionaries: what was published last of each user, and what each watcher has been told of it last. A watcher
/// that has caught up must have been told what was published last of everybody whom it may see, and nothing of the others.
struct PresenceWalk {
    static let names = ["alice", "bob", "clara", "dan"]
    static let deviceNames = ["PHONE", "LAPTOP"]

    private(set) var fault: String?
    private(set) var publications = 0
    private(set) var deliveries = 0

    private var random: SeededGenerator
    private let clock = TestClock()
    private let store: Store
    private let identity: ServerIdentity
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private var notifier: StreamNotifier
    private var assembly: ServerAssembly
    private var writer: RoomWriter { assembly.writer }
    private var engine: PresenceEngine
    private let users: [UserID]
    private let devices: [DeviceKey]
    private let rooms: [RoomID]
    private var inFlight: [SyncHandle] = []
    /// What was published last of each user: the model.
    private var published: [UserID: String] = [:]
    private var watchers: [Watcher] = []
    /// From whom each user hides: the model of the audience, in which everybody else sees.
    private var denied: [UserID: Set<UserID>] = [:]

    /// A device that peeks into everybody's profile room, or looks at `presence.events`, or both.
    private struct Watcher {
        let device: DeviceKey
        let peeks: Bool
        var since: StreamPosition?
        var told: [UserID: String] = [:]
    }

    init(seed: UInt64, directory: String) throws {
        random = SeededGenerator(seed: seed)
        let server = try #require(ServerName("test"))
        store = try Store(directory: directory, serverName: server)
        identity = try ServerIdentity(name: server, signingKey: try SigningKeyStore.loadOrMake(in: store, server: server))
        notifier = StreamNotifier(engine: try store.readNow { try SubscriptionRestoration.engine(from: $0) })
        assembly = try ServerAssembly(store: store, server: identity, clock: clock, notifier: notifier, logger: logger)
        engine = PresenceEngine(settings: PresenceSettings(), startedAt: clock.now())
        users = try Self.names.map { try #require(UserID("@\($0):test")) }
        devices = try users.flatMap { user in
            try Self.deviceNames.map { DeviceKey(user: user, device: try #require(DeviceID($0))) }
        }
        let (users, devices) = (users, devices)
        rooms = try assembly.writer.performNow { context in
            for user in users {
                try context.transaction.users.insert(user, passwordHash: nil, isAdmin: false, at: context.now.wall)
            }
            for device in devices { try context.transaction.devices.upsert(device, displayName: nil, at: context.now.wall) }
            return try users.map { try ProfileRoomFactory.create(for: $0, in: context) }
        }
        try makeSharedRoom()
        for (index, user) in users.enumerated() {
            for (device, name) in Self.deviceNames.enumerated() {
                watchers.append(
                    Watcher(device: DeviceKey(user: user, device: try #require(DeviceID(name))), peeks: (index + device) % 2 == 0)
                )
            }
        }
        for watcher in watchers where watcher.peeks { for room in rooms { try peek(room, by: watcher.device) } }
    }

    /// Everybody is joined to one room, so that all may see all.
    private func makeSharedRoom() throws {
        let users = users
        try writer.performNow { context in
            let creator = users[0]
            let room = try context.createRoom(
                version: .v12, id: nil, creator: creator, content: ["room_version": "12"], profileOwner: nil)
            func member(_ user: UserID, _ membership: String, by sender: UserID) throws {
                try context.send(
                    EventRequest(
                        type: .member, stateKey: user.rawValue, sender: sender, content: ["membership": .string(membership)]),
                    in: room)
            }
            try member(creator, "join", by: creator)
            try context.send(
                EventRequest(type: .joinRules, stateKey: "", sender: creator, content: ["join_rule": "public"]), in: room)
            for user in users.dropFirst() { try member(user, "join", by: user) }
        }
    }

    private func peek(_ room: RoomID, by device: DeviceKey) throws {
        let settings = PeekSettings(lifetime: .seconds(1_000_000_000))
        try writer.performNow { [audience = assembly.audience] context in
            _ = try PeekService.peek(
                room, by: device, renewing: nil, liveCount: 0, settings: settings, audience: audience, context: context)
        }
    }

    // MARK: A step

    /// Lets one thing happen and returns what it was.
    mutating func step() throws -> String {
        let device = any(devices)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<18:
            let claim = any(
                [.silent, .impliedOnline, .explicit(.online), .explicit(.unavailable), .explicit(.busy)] as [SyncClaim])
            let (handle, actions) = engine.syncStarted(device, claim: claim, at: clock.now())
            inFlight.append(handle)
            try perform(actions)
            return "\(device) began to sync with \(claim)"
        case 18..<36:
            guard !inFlight.isEmpty else { return "nothing" }
            let handle = inFlight.remove(at: Int.random(in: 0..<inFlight.count, using: &random))
            try perform(engine.syncEnded(handle, at: clock.now()))
            return "\(handle) ended"
        case 36..<44:
            try perform(engine.activityHappened(on: device, at: clock.now()))
            return "\(device) was active"
        case 44..<54: return try put(from: device)
        case 54..<57:
            let only = Bool.random(using: &random) ? device.device : nil
            let actions = engine.choicesDeleted(of: device.user, device: only, at: clock.now())
            try write(device.user, stores: true)
            try perform(actions)
            return "\(device.user) deleted the choices of \(only?.rawValue ?? "all")"
        case 57..<60:
            try perform(engine.deviceLoggedOut(device, at: clock.now()))
            return "\(device) was logged out"
        case 60..<80:
            let duration = any(
                [.milliseconds(20), .seconds(1), .seconds(6), .seconds(61), .seconds(301), .seconds(4_000)] as [Duration])
            try pass(duration)
            return "\(duration) passed"
        case 80..<83:
            try changeAudience(of: device.user)
            return "\(device.user) hides from \(denied[device.user] ?? [])"
        case 83..<84:
            try restart()
            return "the server was started again"
        default:
            let index = Int.random(in: 0..<watchers.count, using: &random)
            try look(index)
            return "\(watchers[index].device) looked"
        }
    }

    private mutating func any<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private mutating func put(from device: DeviceKey) throws -> String {
        let presence = any(Presence.allCases)
        let expires = any([nil, nil, clock.now().wall.advanced(by: .seconds(90))] as [MatrixTimestamp?])
        let put = PresencePut(
            presence: presence, expires: expires, isManual: Bool.random(using: &random), hasStatus: Bool.random(using: &random))
        let actions = try engine.put(put, from: device, at: clock.now())
        try write(device.user, stores: true)
        try perform(actions)
        return "\(device) put \(put)"
    }

    /// Both clocks go on; the engine is called at each of its deadlines.
    private mutating func pass(_ duration: Duration) throws {
        let end = clock.now().monotonic.advanced(by: duration)
        for _ in 0..<10_000 {
            let now = clock.now()
            try perform(engine.deadlineReached(at: now))
            if now.monotonic >= end { return }
            var next = end
            if let deadline = engine.nextDeadline { next = min(next, max(deadline, now.monotonic)) }
            if let expiry = engine.nextExpiry {
                next = min(next, now.monotonic.advanced(by: .milliseconds(max(0, expiry.milliseconds - now.wall.milliseconds))))
            }
            let step = next.duration(since: now.monotonic)
            clock.advanceWall(by: step)
            clock.advanceMonotonic(by: step)
        }
        fault = "the engine asks to be called again and again"
    }

    // MARK: Writing

    private mutating func perform(_ actions: [PresenceAction]) throws {
        for action in actions {
            switch action {
            case .publish(let user): try write(user, stores: false)
            case .storeChoices(let user): try write(user, stores: true)
            case .removeCall: break
            }
        }
    }

    /// The writer's turn: stores the choice if asked to, and publishes what is due of a user.
    private mutating func write(_ user: UserID, stores: Bool) throws {
        let now = clock.now()
        let choices = engine.choices(of: user)
        let due = engine.duePublication(of: user, at: now)
        guard stores || due != nil else { return }
        let room = rooms[users.firstIndex(of: user)!]
        if let due { engine.published(due, of: user, at: now) }
        let lastOnline = engine.lastOnline(of: user)
        try writer.performNow { context in
            if stores {
                try context.transaction.presenceChoices.deleteAll(of: user)
                for choice in choices.all { try context.transaction.presenceChoices.set(StoredChoice(choice), of: user) }
            }
            guard let due else { return }
            var content: JSONObject = ["presence": .string(due.presence.rawValue)]
            if let lastActive = due.lastActive { content["last_active_ts"] = .integer(lastActive.milliseconds) }
            try context.send(
                EventRequest(type: .presence, stateKey: "", sender: context.server.hearth, content: content), in: room)
            try context.transaction.presence.setPublished(due.presence.rawValue, lastOnline: lastOnline, of: user)
        }
        guard let due else { return }
        if published[user] == due.presence.rawValue { fault = "\(user) was published as \(due.presence) twice" }
        published[user] = due.presence.rawValue
        publications += 1
    }

    /// The user hides from some of the others, or from nobody.
    private mutating func changeAudience(of user: UserID) throws {
        let others = users.filter { $0 != user }
        let hiddenFrom = Bool.random(using: &random) ? [] : Set([any(others), any(others)])
        denied[user] = hiddenFrom
        let named = JSONObject(hiddenFrom.map { ($0.rawValue, "deny" as JSON) })
        let content: JSONObject = ["users": .object(named), "io.hearth.default": any(["everyone", "shared_rooms", "local"])]
        try writer.performNow { [accountData = assembly.accountDataWriter] in
            try accountData.setSharing(content, of: user, in: $0)
        }
    }

    /// Everything in memory is built again from the store. Devices' syncs ended with the server.
    private mutating func restart() throws {
        // What was revoked is remembered for `presence.events` until the server ends.
        for index in watchers.indices where !watchers[index].peeks { try look(index) }
        let contacts = engine.takeChangedContacts()
        try writer.performNow { context in
            for (device, time) in contacts { try context.transaction.devices.setLastContact(time, of: device) }
            try context.transaction.meta.setLastAlive(context.now.wall)
        }
        inFlight = []
        let down = any([.zero, .seconds(1), .seconds(100), .seconds(4_000)] as [Duration])
        clock.advanceWall(by: down)
        clock.advanceMonotonic(by: down)
        notifier = StreamNotifier(engine: try store.readNow { try SubscriptionRestoration.engine(from: $0) })
        assembly = try ServerAssembly(store: store, server: identity, clock: clock, notifier: notifier, logger: logger)
        let now = clock.now()
        engine = try store.readNow { try PresenceRestoration.engine(settings: PresenceSettings(), store: $0, now: now) }
        // No start raises anybody: what a choice hid stays so until a contact, and what was published is kept at most.
        let before = published
        try perform(engine.deadlineReached(at: now))
        // Only a device's busy comes back, when what covered it ended meanwhile.
        for user in users where rank(published[user]) > rank(before[user]) {
            if engine.choices(of: user).inForce(at: now.wall)?.presence == .busy { continue }
            fault = "a start raised \(user) from \(before[user] ?? "nothing") to \(published[user] ?? "nothing")"
        }
    }

    private func rank(_ published: String?) -> Presence { published.flatMap { Presence(wire: $0) } ?? .offline }

    // MARK: Watching

    /// One watcher takes what is new for it, and peeks again where its peek has ended.
    private mutating func look(_ index: Int) throws {
        take(plan(for: watchers[index]), by: index)
        let device = watchers[index].device
        if watchers[index].peeks {
            let ended = rooms.filter { room in notifier.ask { $0.livePeek(of: device, in: room) } == nil }
            for room in ended { try peek(room, by: device) }
            if !ended.isEmpty { take(plan(for: watchers[index]), by: index) }
        }
        for user in users where !isRight(watchers[index].told[user], of: user, for: watchers[index]) {
            let told = watchers[index].told[user] ?? "nothing"
            fault = "\(device) was told \(told) of \(user), where \(published[user] ?? "nothing") is published"
        }
    }

    private mutating func take(_ plan: SyncPlan, by index: Int) {
        for (room, owner) in zip(rooms, users) where plan.endedPeeks.contains(room) { watchers[index].told[owner] = nil }
        for room in plan.peeked {
            guard let owner = rooms.firstIndex(of: room.room).map({ users[$0] }) else { continue }
            if case .whole = room.content { watchers[index].told[owner] = nil }
            for event in room.lane where event.type == .presence {
                watchers[index].told[owner] = event.content["presence"]?.stringValue
                deliveries += 1
            }
        }
        for user in plan.presence {
            watchers[index].told[user] = notifier.ask { $0.lane(of: user)?.presence?.content["presence"]?.stringValue }
            deliveries += 1
        }
        for user in plan.lostPresence { watchers[index].told[user] = "offline" }
        watchers[index].since = plan.position
    }

    private func isRight(_ told: String?, of user: UserID, for watcher: Watcher) -> Bool {
        let sees = denied[user]?.contains(watcher.device.user) != true
        if sees && told == published[user] { return true }
        // Who is outside has no lane in a peek, and knows of somebody offline through `presence.events`.
        if !sees && told == nil { return true }
        return !watcher.peeks && told == "offline" && (!sees || published[user] == nil)
    }

    private func plan(for watcher: Watcher) -> SyncPlan {
        notifier.ask { $0.plan(for: watcher.device, since: watcher.since, legacyPresence: !watcher.peeks) }
    }

    /// Ends all syncs and lets a long time pass: then everybody's presence stands published, and everybody has been told.
    mutating func settle() throws {
        while let handle = inFlight.popLast() { try perform(engine.syncEnded(handle, at: clock.now())) }
        try pass(.seconds(4_000))
        for index in watchers.indices { try look(index) }
        for user in users {
            let effective = engine.effective(of: user, at: clock.now()).presence
            let stands = published[user] ?? "offline"
            if stands != effective.rawValue { fault = "\(user) is \(effective) and stands published as \(stands)" }
        }
    }
}

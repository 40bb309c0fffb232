import HearthStore
import Logging
import MatrixModel
import PresenceCore
import RoomRules
import SubscriptionCore
import Synchronization
import TestSupport
import Testing

@testable import HearthRuntime
@testable import HearthServices

/// A server whose clocks a test moves and whose loops it turns itself, with Alice and her devices, and two who watch her: one peeks into
/// her profile room, one looks at `presence.events`. It can be stopped and started again over the same files.
final class ChoiceServer {
    static let nine: Int64 = 1_760_000_400_000 / 86_400_000 * 86_400_000 + 9 * 3_600_000

    let clock = TestClock()
    private let store: Store
    private let server: ServerName
    let alice: UserID
    let bob: UserID
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private(set) var outsiders: [Outsider] = []

    private var parts: Parts?
    private let loggedOut = LoggedOut()
    private var syncs: [DeviceID: (claim: SyncClaim, handle: SyncHandle)] = [:]

    /// What one start makes.
    private struct Parts {
        let notifier: StreamNotifier
        let writer: RoomWriter
        let presence: PresenceService
        let sync: SyncService
        let accountData: AccountDataService
        let profiles: ProfileService
        let statusExpiry: StatusExpiry
    }

    /// Who watches, and every presence that came.
    struct Outsider {
        let device: DeviceKey
        let peeks: Bool
        var since: SyncToken?
        var told: [String] = []
        var answers = 0
    }

    init(directory: String) throws {
        server = try #require(ServerName("test"))
        store = try Store(directory: directory, serverName: server)
        alice = try #require(UserID("@alice:test"))
        bob = try #require(UserID("@bob:test"))
        clock.advanceWall(by: .milliseconds(Self.nine - clock.now().wall.milliseconds))
    }

    private var live: Parts {
        get throws { try #require(parts) }
    }

    var presence: PresenceService { get throws { try live.presence } }
    var accountData: AccountDataService { get throws { try live.accountData } }
    var writer: RoomWriter { get throws { try live.writer } }

    // MARK: Starts and stops

    /// Runs the server while the body goes on.
    func whileRunning(_ body: () async throws -> Void) async throws {
        let parts = try start()
        self.parts = parts
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await parts.writer.run() }
            do {
                await parts.presence.turn()
                for (device, sync) in syncs { syncs[device]?.handle = begin(device, sync.claim, in: parts) }
                await settleTurns()
                try await body()
                for sync in syncs.values { parts.presence.syncEnded(sync.handle) }
                await parts.presence.storeContacts()
            } catch {
                parts.writer.close()
                throw error
            }
            parts.writer.close()
            try await group.waitForAll()
        }
        self.parts = nil
    }

    private func start() throws -> Parts {
        let identity = try ServerIdentity(name: server, signingKey: try SigningKeyStore.loadOrMake(in: store, server: server))
        let notifier = StreamNotifier(engine: try store.readNow { try SubscriptionRestoration.engine(from: $0) })
        let assembly = try ServerAssembly(store: store, server: identity, clock: clock, notifier: notifier, logger: logger)
        let writer = assembly.writer
        if outsiders.isEmpty { try populate(writer, audience: assembly.audience) }
        let now = clock.now()
        let engine = try store.readNow { try PresenceRestoration.engine(settings: PresenceSettings(), store: $0, now: now) }
        let presence = assembly.presence(engine: engine) { [loggedOut] device, _ in !loggedOut.contains(device) }
        return Parts(
            notifier: notifier, writer: writer, presence: presence,
            sync: assembly.sync(
                presence: presence, timeouts: Timeouts(clock: clock), legacy: LegacyPolicy(isEnabled: true),
                isLoggedIn: { _ in true }),
            accountData: assembly.accountData(presence: presence),
            profiles: assembly.profiles(presence: presence), statusExpiry: assembly.statusExpiry())
    }

    private func populate(_ writer: RoomWriter, audience: PresenceAudience) throws {
        let (alice, bob) = (alice, bob)
        let devices = try ["D", "P", "T", "B"].map { DeviceKey(user: alice, device: try #require(DeviceID($0))) }
        let watchers = try ["PEEK", "LEGACY", "FIELDS"].map { DeviceKey(user: bob, device: try #require(DeviceID($0))) }
        try writer.performNow { context in
            for user in [alice, bob] {
                try context.transaction.users.insert(user, passwordHash: nil, isAdmin: false, at: context.now.wall)
            }
            for device in devices + watchers {
                try context.transaction.devices.upsert(device, displayName: nil, at: context.now.wall)
            }
            let profile = try ProfileRoomFactory.create(for: alice, in: context)
            _ = try ProfileRoomFactory.create(for: bob, in: context)
            let room = try context.createRoom(
                version: .v12, id: nil, creator: alice, content: ["room_version": "12"], profileOwner: nil)
            func send(_ type: EventType, _ key: String, _ sender: UserID, _ content: JSONObject) throws {
                try context.send(EventRequest(type: type, stateKey: key, sender: sender, content: content), in: room)
            }
            try send(.member, alice.rawValue, alice, ["membership": "join"])
            try send(.joinRules, "", alice, ["join_rule": "public"])
            try send(.member, bob.rawValue, bob, ["membership": "join"])
            _ = try PeekService.peek(
                profile, by: watchers[0], renewing: nil, liveCount: 0,
                settings: PeekSettings(lifetime: .seconds(1_000_000_000)), audience: audience, context: context)
        }
        outsiders = [Outsider(device: watchers[0], peeks: true), Outsider(device: watchers[1], peeks: false)]
    }

    // MARK: Alice's devices

    func key(_ device: String) throws -> DeviceKey { DeviceKey(user: alice, device: try #require(DeviceID(device))) }

    func sync(_ device: String, _ claim: SyncClaim) throws {
        let id = try key(device).device
        let old = syncs[id]
        syncs[id] = (claim, begin(id, claim, in: try live))
        if let old { try live.presence.syncEnded(old.handle) }
    }

    func stopSync(of device: String) throws {
        guard let sync = syncs.removeValue(forKey: try key(device).device) else { return }
        try live.presence.syncEnded(sync.handle)
    }

    private func begin(_ device: DeviceID, _ claim: SyncClaim, in parts: Parts) -> SyncHandle {
        parts.presence.syncStarted(DeviceKey(user: alice, device: device), claim: claim)
    }

    func put(
        _ presence: Presence, by device: String, marked: Bool, until: MatrixTimestamp? = nil, status: StatusUpdate = .unchanged
    ) async throws {
        try await live.presence.put(
            PresencePutRequest(presence: presence, status: status, expires: until, isManual: marked), by: key(device))
    }

    func setCall(_ content: JSON?, by device: String) async throws {
        try await live.profiles.set("m.call", to: content, of: alice, by: key(device))
    }

    /// What the profile says of a call to Alice herself, and to Bob.
    func call() async throws -> [JSON?] {
        var seen: [JSON?] = []
        for viewer in [alice, bob] { seen.append(try await live.profiles.profile(of: alice, for: viewer)["m.call"]) }
        return seen
    }

    func setRichPresence(_ content: JSON, by device: String) async throws {
        try await live.profiles.set("m.rpc", to: content, of: alice, by: key(device))
    }

    func richPresence() async throws -> JSON? { try await live.profiles.profile(of: alice, for: bob)["m.rpc"] }

    /// A device is logged out, and the server is killed right after the commit.
    func lose(_ device: String) async throws {
        let key = try key(device)
        syncs[key.device] = nil
        try await live.writer.perform { try $0.transaction.devices.delete(key) }
    }

    func logOut(_ device: String) async throws {
        let (key, presence) = (try key(device), try live.presence)
        syncs[key.device] = nil
        try await live.writer.perform { [loggedOut] context in
            try presence.deviceEnds(key, in: context)
            try context.transaction.devices.delete(key)
            loggedOut.insert(key)
        }
    }

    // MARK: Time

    /// Both clocks go on, and the loop has its turn whenever it asks for one.
    func pass(_ duration: Duration) async throws {
        let parts = try live
        let end = clock.now().monotonic.advanced(by: duration)
        while true {
            await settleTurns()
            let now = clock.now()
            if now.monotonic >= end { return }
            let (deadline, expiry) = parts.presence.state.withLock { ($0.engine.nextDeadline, $0.engine.nextExpiry) }
            var next = end
            if let deadline { next = min(next, max(deadline, now.monotonic.advanced(by: .milliseconds(1)))) }
            if let expiry {
                next = min(next, now.monotonic.advanced(by: .milliseconds(max(1, expiry.milliseconds - now.wall.milliseconds))))
            }
            skip(next.duration(since: now.monotonic))
        }
    }

    /// Both clocks go on while nothing runs.
    func skip(_ duration: Duration) {
        clock.advanceWall(by: duration)
        clock.advanceMonotonic(by: duration)
    }

    func settleTurns() async {
        guard let parts else { return }
        let presence = parts.presence
        while await parts.statusExpiry.clearNext() > 0 {}
        for _ in 0..<10 {
            await presence.turn()
            if presence.state.withLock({ $0.toPublish.isEmpty && $0.toStore.isEmpty && $0.toHangUp.isEmpty }) { return }
        }
    }

    // MARK: Watching profiles

    static let fieldNames = ["org.matrix.msc4426.call", "org.matrix.msc4426.status"]
    private var fieldsSince: SyncToken?

    /// What others find in Alice's profile now.
    func visibleFields() async throws -> [String: JSON] {
        let profile = try await live.profiles.profile(of: alice, for: bob)
        var fields: [String: JSON] = [:]
        for name in Self.fieldNames { fields[name] = profile[name] }
        return fields
    }

    /// What a client of Bob's that reads profiles in /sync (MSC4429) is told of Alice's since it looked last; nil for a field that is no more.
    func lookAtFields() async throws -> [String: JSON?] {
        let ids = JSON.array(Self.fieldNames.map { .string($0) })
        let answer = try await live.sync.sync(
            SyncRequest(
                since: fieldsSince, filter: try SyncFilter(parsing: ["org.matrix.msc4429.profile_fields": ["ids": ids]]),
                claim: .silent),
            device: DeviceKey(user: bob, device: try #require(DeviceID("FIELDS"))), connection: LastingConnection())
        fieldsSince = answer.nextBatch
        var told: [String: JSON?] = [:]
        for update in answer.profiles where update.user == alice {
            for field in update.fields ?? [] { told.updateValue(field.value, forKey: field.name) }
        }
        return told
    }

    // MARK: Watching

    /// Each outsider takes what is new; returns what each was told.
    func look() async throws -> [[String]] {
        let sync = try live.sync
        var news: [[String]] = []
        for index in outsiders.indices {
            let answer = try await sync.sync(
                SyncRequest(since: outsiders[index].since, claim: .silent), device: outsiders[index].device,
                connection: LastingConnection())
            outsiders[index].since = answer.nextBatch
            let events = answer.peeked.flatMap { $0.state + $0.timeline }.filter { $0.type == .presence && $0.isLane }
            let told =
                outsiders[index].peeks
                ? events.compactMap { $0.content["presence"]?.stringValue }
                // An event that comes for the status repeats the presence.
                : answer.presence.filter { $0.user == alice }.map(\.presence.rawValue).filter { $0 != outsiders[index].told.last }
            outsiders[index].told += told
            outsiders[index].answers += answer.isEmpty ? 0 : 1
            news.append(told)
        }
        return news
    }
}

/// The devices whose tokens were taken away.
final class LoggedOut: Sendable {
    private let devices = Mutex<Set<DeviceKey>>([])

    func contains(_ device: DeviceKey) -> Bool { devices.withLock { $0.contains(device) } }
    func insert(_ device: DeviceKey) { devices.withLock { _ = $0.insert(device) } }
}

import Foundation
import HearthStore
import Logging
import MatrixModel
import RoomRules
import SubscriptionCore
import Synchronization

@testable import HearthRuntime
@testable import HearthServices
@testable import HearthSettings

/// A clock that stands still until a test moves it.
final class ManualClock: ServerClock {
    private let time = Mutex(
        Now(monotonic: MonotonicTime(nanoseconds: 0), wall: MatrixTimestamp(milliseconds: 1_800_000_000_000)))

    func now() -> Now { time.withLock { $0 } }

    func sleep(for duration: Duration) async throws {}

    func advance(by duration: Duration) {
        time.withLock { $0 = Now(monotonic: $0.monotonic.advanced(by: duration), wall: $0.wall.advanced(by: duration)) }
    }
}

/// The account service over a real store in a directory of its own.
struct AccountFixture: Sendable {
    let accounts: AccountService
    let store: Store
    let writer: RoomWriter
    let clock: ManualClock
    /// The devices that ended, in their order.
    let ended: EndedDevices

    final class EndedDevices: AccountFollower {
        private let state = Mutex((keys: [DeviceKey](), fails: false))
        var keys: [DeviceKey] { state.withLock { $0.keys } }
        func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }
        func deviceEnds(_ key: DeviceKey, in _: WriteContext) throws {
            try state.withLock {
                if $0.fails { throw Refusal() }
                $0.keys.append(key)
            }
        }
        struct Refusal: Error {}
    }

    static let address = ClientAddress.of(peer: "192.0.2.1", forwardedFor: [], trusted: [])

    /// Runs a story. The password cost is 1, registration is open and nothing is limited unless the settings say otherwise.
    static func run<Value: Sendable>(
        _ changes: KeyValuePairs<String, String> = [:], _ story: @Sendable (AccountFixture) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-accounts-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: directory) } catch {} }
        let defaults: KeyValuePairs<String, String> = [
            "accounts.password_cost": "1", "registration.open": "true", "rate_limits.enabled": "false",
        ]
        var input = SettingsInput(flags: defaults.map { ($0.key, $0.value) })
        input.flags += changes.map { ($0.key, $0.value) }
        let fixture = try open(directory, settings: try HearthSettings(resolving: input))
        return try await fixture.whileWriting { try await story(fixture) }
    }

    static func open(_ directory: String, settings: HearthSettings) throws -> AccountFixture {
        guard let name = ServerName("hearth.test") else { preconditionFailure("a server name") }
        let store = try Store(directory: directory, serverName: name)
        let identity = try ServerIdentity(
            name: name, signingKey: SigningKey(server: name, version: "test", seed: Array(repeating: 7, count: 32)))
        let clock = ManualClock()
        let assembly = try ServerAssembly(
            store: store, server: identity, clock: clock, notifier: StreamNotifier(engine: SubscriptionEngine()),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let ended = EndedDevices()
        let accounts = assembly.accounts(tokens: try AccessTokens(store: store), settings: settings, followers: [ended])
        return AccountFixture(accounts: accounts, store: store, writer: assembly.writer, clock: clock, ended: ended)
    }

    private func whileWriting<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await writer.run() }
            defer { writer.close() }
            return try await body()
        }
    }

    // MARK: Steps

    @discardableResult
    func register(
        _ username: String?, password: String? = "secret", device: String? = nil, auth: UIAuth? = UIAuth(attempt: .dummy),
        inhibitLogin: Bool = false
    ) async throws -> RegistrationAnswer {
        try await accounts.register(
            RegistrationRequest(
                username: username, password: password, deviceID: device.flatMap { DeviceID($0) }, inhibitLogin: inhibitLogin,
                auth: auth), from: Self.address)
    }

    func logIn(
        _ user: String, password: String = "secret", device: String? = nil, called name: String? = nil
    ) async throws -> LoginAnswer {
        try await accounts.logIn(
            LoginRequest(
                user: user, password: password, deviceID: device.flatMap { DeviceID($0) }, initialDeviceDisplayName: name),
            from: Self.address)
    }
}

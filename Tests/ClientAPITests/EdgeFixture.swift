import Foundation
import HTTPTypes
import HearthStore
import Hummingbird
import HummingbirdCore
import Logging
import MatrixModel
import NIOCore
import NIOEmbedded
import PresenceCore
import RoomRules
import ServiceLifecycle
import SubscriptionCore
import Synchronization
import TestSupport
import Testing

@testable import AdminAPI
@testable import ClientAPI
@testable import HearthServices

/// The edge over real services and a real database file; requests go in as values, without a socket.
struct EdgeFixture: Sendable {
    let services: ClientServices
    let responder: AdminResponder<ClientResponder>
    let accounts: AccountService
    let writer: RoomWriter
    let notifier: StreamNotifier
    private let running: [any Service]
    private let statusExpiry: StatusExpiry

    /// Runs a story against a server named `hearth.test` with open registration and no rate limits.
    ///
    /// - Parameter hand: a clock that the story moves. What time brings then happens when the story says so (``takeTurns()``).
    static func run(
        _ changes: KeyValuePairs<String, String> = [:], hand: TestClock? = nil, gateway: any PushGatewayClient = NoGateway(),
        _ story: @escaping @Sendable (EdgeFixture) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-edge-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: directory) } catch {} }
        let fixture = try EdgeFixture(directory: directory, changes: changes, hand: hand, gateway: gateway)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in fixture.running { group.addTask { try await service.run() } }
            defer { fixture.stop() }
            try await story(fixture)
        }
    }

    private init(
        directory: String, changes: KeyValuePairs<String, String>, hand: TestClock?, gateway: any PushGatewayClient
    ) throws {
        let defaults: KeyValuePairs<String, String> = [
            "server.name": "hearth.test", "accounts.password_cost": "1", "registration.open": "true",
            "rate_limits.enabled": "false",
        ]
        let settings = try HearthSettings(
            resolving: SettingsInput(flags: (Array(defaults) + Array(changes)).map { ($0.key, $0.value) }))
        let name = settings.server.name
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try Store(directory: directory, serverName: name)
        let identity = try ServerIdentity(name: name, signingKey: try SigningKeyStore.loadOrMake(in: store, server: name))
        notifier = StreamNotifier(
            engine: try store.readNow { try SubscriptionRestoration.engine(from: $0, audience: Audience(settings.presence)) })
        let clock: any ServerClock = hand ?? SystemClock()
        let assembly = try ServerAssembly(store: store, server: identity, clock: clock, notifier: notifier, logger: logger)
        writer = assembly.writer
        let tokens = try AccessTokens(store: store)
        let presence = assembly.presence(engine: PresenceEngine(settings: PresenceSettings(), startedAt: clock.now())) {
            tokens.isLoggedIn($0)
        }
        let peeks = assembly.peeks()
        let timeouts = Timeouts(clock: clock)
        let activity: @Sendable (DeviceKey) -> Void = { presence.activityHappened(on: $0) }
        let typing = assembly.typing(activityHappened: activity)
        let accounts = assembly.accounts(tokens: tokens, settings: settings, followers: [presence, typing])
        let admission = Admission(bufferedBytes: settings.limits.buffers, patience: .milliseconds(100))
        let limits = UserLimits(isEnabled: settings.rateLimits.isEnabled, clock: clock)
        let pushers = assembly.pushers(gateway: gateway) { presence.pusherChanged(of: $0, isWorking: $1) }
        statusExpiry = assembly.statusExpiry()
        services = ClientServices(
            settings: ClientAPISettings(settings), accounts: accounts,
            rooms: assembly.rooms(typing: typing, activityHappened: activity), reader: assembly.reader(), typing: typing,
            receipts: assembly.receipts(activityHappened: activity), directories: assembly.directories(),
            profiles: assembly.profiles(presence: presence), presence: presence, peeks: peeks,
            sync: assembly.sync(
                presence: presence, timeouts: timeouts, legacy: LegacyPolicy(settings.legacy), admission: admission
            ) { tokens.isLoggedIn($0) },
            accountData: assembly.accountData(presence: presence), filters: assembly.filters(),
            encryption: assembly.encryption(accounts: accounts, limits: limits),
            push: assembly.pushServices(pushers: pushers), notifier: notifier,
            media: try assembly.media(
                MediaSettings(settings.media), timeouts: timeouts, thumbnailer: "/nonexistent", admission: admission),
            limits: limits,
            legacy: LegacyUse(policy: LegacyPolicy(settings.legacy), clock: clock, logger: logger),
            turn: TurnServers(settings: settings.turn, clock: clock),
            admission: admission)
        self.accounts = accounts
        let watch = assembly.watch(
            version: "test", accounts: services.accounts, legacy: services.legacy, metrics: ServerMetrics())
        responder = AdminResponder(
            services: AdminServices(client: services, watch: watch), before: ClientAPI.responder(services: services))
        if hand == nil { running = [writer, timeouts, typing, presence, peeks] } else { running = [writer, pushers] }
    }

    /// What is due by now of presence and statuses, for a story that moves the clock.
    func takeTurns() async {
        for _ in 0..<10 {
            await services.presence.turn()
            let isQuiet = services.presence.state.withLock {
                $0.toPublish.isEmpty && $0.toStore.isEmpty && $0.toHangUp.isEmpty
            }
            if isQuiet { break }
        }
        while await statusExpiry.clearNext() > 0 {}
    }

    private func stop() {
        notifier.shutDown()
        for service in running {
            switch service {
            case let service as PresenceService: service.stop()
            case let service as PeekService: service.stop()
            case let service as Timeouts: service.stop()
            case let service as TypingService: service.stop()
            case let service as PusherService: service.stop()
            default: break
            }
        }
        writer.close()
    }

    // MARK: Requests

    /// One request; the path is as it stands on the request line, query included.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String = "", token: String? = nil, headers: HTTPFields = [:]
    ) async throws -> Answered {
        var headers = headers
        if let token { headers[.authorization] = "Bearer \(token)" }
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "hearth.test", path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: body)))
        let channel = NIOAsyncTestingChannel()
        let context = ClientContext(
            source: ApplicationRequestContextSource(
                channel: channel, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let response = try await responder.respond(to: request, context: context)
        let collector = Collector()
        try await response.body.write(collector)
        return Answered(status: response.status.code, headers: response.headers, bytes: collector.bytes)
    }

    /// Makes a user and returns the token.
    func register(_ name: String) async throws -> String {
        let answer = try await send(
            .post, "/_matrix/client/v3/register",
            #"{"username":"\#(name)","password":"secret","auth":{"type":"m.login.dummy"}}"#)
        return try #require(answer.json["access_token"]?.stringValue)
    }

    /// Makes an administrator and returns the token.
    func makeAdmin(_ name: String) async throws -> String {
        _ = try await accounts.createUser(localpart: name, password: "secret", isAdmin: true)
        let answer = try await send(
            .post, "/_matrix/client/v3/login", #"{"type":"m.login.password","user":"\#(name)","password":"secret"}"#)
        return try #require(answer.json["access_token"]?.stringValue)
    }

    func makeRoom(_ token: String, _ body: String = "{}") async throws -> String {
        let answer = try await send(.post, "/_matrix/client/v3/createRoom", body, token: token)
        return try #require(answer.json["room_id"]?.stringValue, "\(answer)")
    }
}

/// A response, read whole.
struct Answered: CustomStringConvertible {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    var json: JSONObject {
        get throws {
            try #require(try JSON(parsing: bytes, options: .clientRequest).objectValue, "no object: \(self)")
        }
    }

    var code: String? { get throws { try json["errcode"]?.stringValue } }

    var description: String { "\(status) \(String(decoding: bytes, as: UTF8.self))" }
}

/// Reaches nobody.
struct NoGateway: PushGatewayClient {
    func post(_ body: [UInt8], to url: GatewayURL) async throws(PushGatewayError) -> GatewayResponse { throw .connectionFailed }
    func shutDown() async {}
}

/// Takes a response's body.
private final class Collector: ResponseBodyWriter {
    nonisolated(unsafe) private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws { bytes += Array(buffer.readableBytesView) }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

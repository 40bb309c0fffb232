import Foundation
import HTTPTypes
import Homeserver
import Hummingbird
import HummingbirdCore
import Logging
import MatrixModel
import NIOCore
import NIOEmbedded
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ClientAPI
@testable import HearthServices
@testable import HearthSettings

/// The whole server over a real database file; requests go in as values, without a socket.
struct EdgeFixture: Sendable {
    let server: HearthServer
    let responder: any HTTPResponder<ClientContext>
    private let running: [any Service]

    var services: ClientServices { server.services }
    var accounts: AccountService { server.accounts }
    var writer: RoomWriter { server.writer }
    var notifier: StreamNotifier { server.services.notifier }

    /// Runs a story against a server named `hearth.test` with open registration, no rate limits and no board.
    ///
    /// - Parameter hand: a clock that the story moves. What time brings then happens when the story says so (``takeTurns()``).
    static func run(
        _ changes: KeyValuePairs<String, String> = [:], hand: TestClock? = nil, gateway: any PushGatewayClient = NoGateway(),
        _ story: @escaping @Sendable (EdgeFixture) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-edge-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: directory) } catch {} }
        let fixture = try EdgeFixture(directory: directory, changes: changes, hand: hand, gateway: gateway)
        let group = fixture.server.group(of: fixture.running)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await story(fixture)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private init(
        directory: String, changes: KeyValuePairs<String, String>, hand: TestClock?, gateway: any PushGatewayClient
    ) throws {
        let defaults: KeyValuePairs<String, String> = [
            "server.name": "hearth.test", "data.directory": directory, "listen.address": "127.0.0.1:0",
            "accounts.password_cost": "1", "registration.open": "true", "rate_limits.enabled": "false", "board.enabled": "false",
            "media.thumbnailer": "/nonexistent",
        ]
        let settings = try HearthSettings(
            resolving: SettingsInput(flags: (Array(defaults) + Array(changes)).map { ($0.key, $0.value) }))
        var surroundings = Surroundings()
        if let hand { surroundings.clock = hand }
        surroundings.pushGateway = gateway
        surroundings.patience = .milliseconds(100)
        server = try HearthServer(
            settings: settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, surroundings: surroundings)
        responder = server.responder(withAdmin: true)
        running = server.background.filter { service in
            // The load of the machine that the tests run on is none that they mean.
            hand == nil ? !(service is LoadProbe) : service is RoomWriter || service is PusherService
        }
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
        for case let expiry as StatusExpiry in server.background {
            while await expiry.clearNext() > 0 {}
        }
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

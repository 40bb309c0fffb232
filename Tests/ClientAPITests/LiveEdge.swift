import Foundation
import HTTPTypes
import HearthServices
import HearthSettings
import Homeserver
import Logging
import MatrixModel
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import ClientAPI

/// A request that waits for news; it tells nothing of its device, so that it makes no news itself.
func heldSync(since: String, token: String, timeout: Int = 250_000) -> String {
    "GET /_matrix/client/v3/sync?since=\(since)&timeout=\(timeout)&set_presence=offline&access_token=\(token) HTTP/1.1\r\n"
        + "Host: x\r\n\r\n"
}

extension EdgeFixture {
    /// Syncs once; returns from where to continue.
    func sync(token: String) async throws -> String {
        let answer = try await send(.get, "/_matrix/client/v3/sync?set_presence=offline", token: token)
        return try #require(answer.json["next_batch"]?.stringValue)
    }

    /// Makes a room in which its maker can send without any presence changing.
    func makeRoom(token: String) async throws -> String {
        _ = try await send(
            .put, "/_matrix/client/v3/presence/@alice:hearth.test/status", #"{"presence":"online"}"#, token: token)
        let answer = try await send(.post, "/_matrix/client/v3/createRoom", "{}", token: token)
        return try #require(answer.json["room_id"]?.stringValue)
    }

    /// Tells alice's devices something that contains the word.
    func makeNews(_ word: String, token: String) async throws {
        _ = try await send(
            .put, "/_matrix/client/v3/user/@alice:hearth.test/account_data/x", #"{"a":"\#(word)"}"#, token: token)
    }

    /// Serves on a free port while the body runs.
    func serve(connections: Int = 1024, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let (ready, isReady) = AsyncStream.makeStream(of: String.self)
        let listener = server.clientListener(connections: connections) { isReady.yield($0) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [listener], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var addresses = ready.makeAsyncIterator()
            let address = try #require(await addresses.next().flatMap { HostAndPort($0) })
            #expect(address.port > 0)
            do {
                try await body(address.port)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
        }
    }
}

/// Waits until something is so; fails after a minute.
func eventually(_ what: String, _ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not within a minute: \(what)")
            throw CancellationError()
        }
        await Task.yield()
    }
}

/// An answer as it came.
struct RawAnswer {
    let head: String
    let body: String

    var status: Int? { Int(head.prefix(3)) }

    /// The value of a field, in whatever case its name is written.
    func field(_ name: String) -> String? {
        let start = "\r\n\(name): "
        return head.range(of: start, options: .caseInsensitive).map { found in
            String(head[found.upperBound...].prefix { $0 != "\r\n" })
        }
    }
}

/// A socket that sends and collects text.
final class RawClient: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let state = Mutex((text: "", isEnded: false, channel: (any Channel)?.none))

    var text: String { state.withLock(\.text) }
    var isEnded: Bool { state.withLock(\.isEnded) }

    /// Answers that are whole, bodies of a length that the head tells among them.
    var answers: [RawAnswer] {
        var answers: [RawAnswer] = []
        for text in text.components(separatedBy: "HTTP/1.1 ").dropFirst() {
            guard let end = text.range(of: "\r\n\r\n") else { break }
            answers.append(RawAnswer(head: String(text[..<end.lowerBound]), body: String(text[end.upperBound...])))
        }
        return answers
    }

    static func connect(port: Int) async throws -> RawClient {
        let client = RawClient()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(client) }
            .connect(host: "127.0.0.1", port: port).get()
        client.state.withLock { $0.channel = channel }
        return client
    }

    func send(_ text: String) {
        state.withLock(\.channel)?.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    func close() async throws {
        do {
            try await state.withLock(\.channel)?.close()
        } catch ChannelError.alreadyClosed {
            // That is what was wanted.
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(buffer: unwrapInboundIn(data))
        state.withLock { $0.text += text }
    }

    func channelInactive(context: ChannelHandlerContext) { state.withLock { $0.isEnded = true } }
}

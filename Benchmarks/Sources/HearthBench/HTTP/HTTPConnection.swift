import NIOCore
import NIOPosix

/// One keep-alive connection: a request at a time or a few in a pipeline, answered in order.
///
/// A connection that the server closed is made anew by the next request, and so is one that it closes in the moment of that request.
@BenchActor
final class HTTPConnection {
    private let address: SocketAddress
    private let source: SocketAddress?
    private let host: String
    private var channel: (any Channel)?

    /// - Parameter source: the local address to call from, so that one of them does not run out of ports.
    init(address: SocketAddress, host: String, source: SocketAddress? = nil) {
        self.address = address
        self.host = host
        self.source = source
    }

    func request(
        _ method: String, _ target: String, token: String? = nil, body: String? = nil
    ) async throws -> HTTPAnswer {
        var bytes = ByteBuffer()
        bytes.writeString("\(method) \(target) HTTP/1.1\r\nhost: \(host)\r\n")
        if let token { bytes.writeString("authorization: Bearer \(token)\r\n") }
        if let body {
            bytes.writeString("content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
        } else {
            bytes.writeString("\r\n")
        }
        let isReused = channel?.isActive ?? false
        do {
            return try await send(bytes)
        } catch where isReused && (error is IOError || error is ConnectionClosed) {
            channel = nil
            return try await send(bytes)
        }
    }

    private func send(_ bytes: ByteBuffer) async throws -> HTTPAnswer {
        let channel = try await opened()
        let promise = BenchActor.loop.makePromise(of: HTTPAnswer.self)
        channel.writeAndFlush(PendingRequest(bytes: bytes, promise: promise), promise: nil)
        return try await promise.futureResult.get()
    }

    func open() async throws { _ = try await opened() }

    /// Ends the connection, if the server has not done that before.
    func close() async throws {
        guard let channel else { return }
        self.channel = nil
        do { try await channel.close() } catch ChannelError.alreadyClosed {}
    }

    private func opened() async throws -> any Channel {
        if let channel, channel.isActive { return channel }
        var bootstrap = ClientBootstrap(group: BenchActor.loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(30))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AnswerReader()) }
            }
        if let source { bootstrap = bootstrap.bind(to: source) }
        let channel = try await bootstrap.connect(to: address).get()
        self.channel = channel
        return channel
    }
}

/// What came back for a request.
struct HTTPAnswer: Sendable {
    let status: Int
    let body: ByteBuffer

    var text: String { String(buffer: body) }
}

struct PendingRequest: Sendable {
    let bytes: ByteBuffer
    let promise: EventLoopPromise<HTTPAnswer>
}

struct ConnectionClosed: Error {}

/// Writes requests and gives each the next answer that comes.
final class AnswerReader: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = PendingRequest
    typealias OutboundOut = ByteBuffer

    private var waiting = CircularBuffer<EventLoopPromise<HTTPAnswer>>()
    private var parser = AnswerParser()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let request = unwrapOutboundIn(data)
        waiting.append(request.promise)
        context.write(wrapOutboundOut(request.bytes), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.append(unwrapInboundIn(data))
        while true {
            do {
                guard let answer = try parser.next() else { return }
                waiting.popFirst()?.succeed(answer)
            } catch {
                fail(error)
                return context.close(promise: nil)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ConnectionClosed())
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    private func fail(_ error: any Error) {
        while let promise = waiting.popFirst() { promise.fail(error) }
    }
}

public import MatrixModel
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A push gateway on this machine that writes down what it gets and answers as a test says.
public final class FakeGateway: Sendable {
    private struct State {
        var notifications: [JSON] = []
        var paths: [String] = []
        var status = 200
        var rejected: [String] = []
        var location: String?
        var delay = TimeAmount.zero
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    public init() {}

    /// Runs a test with a gateway that listens.
    public static func with<Result>(_ body: (FakeGateway) async throws -> Result) async throws -> Result {
        let gateway = FakeGateway()
        try await gateway.start()
        do {
            let result = try await body(gateway)
            try await gateway.stop()
            return result
        } catch {
            try await gateway.stop()
            throw error
        }
    }

    /// Where pushers are to be pointed at.
    public var url: String { "http://127.0.0.1:\(port)/_matrix/push/v1/notify" }

    /// The port that it listens at, or did.
    public var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }

    /// The `notification` objects that came, in order.
    public var notifications: [JSON] { state.withLock { $0.notifications } }
    public var paths: [String] { state.withLock { $0.paths } }

    /// How requests are answered from now on.
    public func answer(status: Int = 200, rejecting pushkeys: [String] = [], location: String? = nil) {
        state.withLock { ($0.status, $0.rejected, $0.location) = (status, pushkeys, location) }
    }

    /// How long every answer takes from now on.
    public func answer(after delay: Duration) { state.withLock { $0.delay = TimeAmount(delay) } }

    /// Waits until so many notifications have come, and returns all; throws when they do not within the limit.
    public func notifications(atLeast count: Int, within limit: Duration = .seconds(20)) async throws -> [JSON] {
        let deadline = ContinuousClock.now + limit
        while true {
            let notifications = notifications
            if notifications.count >= count { return notifications }
            guard ContinuousClock.now < deadline else {
                throw UnexpectedResponse(
                    "\(notifications.count) of \(count) notifications came within \(limit): \(notifications)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func start() async throws {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(gateway: self))
                }
            }
        let bound = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    private func stop() async throws {
        guard let bound = channel.withLock({ $0 }) else { return }
        try await bound.close()
    }

    fileprivate func take(_ body: [UInt8], path: String) -> Answer {
        let json: JSON
        do throws(JSONParseError) {
            json = try JSON(parsing: body, options: JSONParseOptions(allowsAnyNumber: true, allowsNUL: true))
        } catch {
            json = .string("no JSON: \(error)")
        }
        return state.withLock { state in
            state.notifications.append(json["notification"] ?? json)
            state.paths.append(path)
            let answer: JSON = ["rejected": .array(state.rejected.map { .string($0) })]
            return Answer(status: state.status, body: answer.bytes, location: state.location, delay: state.delay)
        }
    }

    fileprivate struct Answer {
        let status: Int
        let body: [UInt8]
        let location: String?
        let delay: TimeAmount
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let gateway: FakeGateway
        private var body: [UInt8] = []
        private var path = ""

        init(gateway: FakeGateway) { self.gateway = gateway }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (body, path) = ([], "\(head.method) \(head.uri)")
            case .body(let part): body += Array(part.readableBytesView)
            case .end:
                let answer = gateway.take(body, path: path)
                if answer.delay == .zero { return write(answer, to: context) }
                let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: answer.delay) { bound.value.handler.write(answer, to: bound.value.context) }
            }
        }

        private func write(_ answer: Answer, to context: ChannelHandlerContext) {
            var headers: HTTPHeaders = ["Content-Type": "application/json", "Content-Length": "\(answer.body.count)"]
            if let location = answer.location { headers.add(name: "Location", value: location) }
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

import HearthRuntime
import HearthServices
public import NIOCore
import Synchronization

/// Knows of every connection whether its client is still there, so that a held request ends with its client.
///
/// The server alone does not notice: it lets clients close their half of a connection and goes on answering. A client that shut
/// only its sending half counts as gone too; nothing tells it from one that closed. One connection serves many requests one after
/// the other, each taking ``WatchedConnection``'s one place in turn.
public final class ConnectionWatch: Sendable {
    private let connections = Mutex<[ObjectIdentifier: WatchedConnection]>([:])

    public init() {}

    /// A handler for one channel: comes after the HTTP codec.
    public func handler() -> any RemovableChannelHandler { ConnectionWatchHandler(watch: self) }

    /// How many connections are open.
    public var count: Int { connections.withLock { $0.count } }

    /// The connection of a channel; one that is not watched never closes.
    func connection(of channel: any Channel) -> any ClientConnection {
        connections.withLock { $0[ObjectIdentifier(channel)] } ?? LastingConnection()
    }

    fileprivate func opened(_ channel: any Channel) -> WatchedConnection {
        let connection = WatchedConnection()
        connections.withLock { $0[ObjectIdentifier(channel)] = connection }
        return connection
    }

    fileprivate func forget(_ channel: any Channel) {
        connections.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }
}

/// One connection.
///
/// Legal transitions: open -> closed, once. The body that is set when that happens is called once, outside of the lock; one that
/// is set later is called at once.
final class WatchedConnection: ClientConnection {
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var body: (@Sendable () -> Void)?
    }

    func onClose(_ body: (@Sendable () -> Void)?) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.body = body }
            return state.isClosed
        }
        if isClosed { body?() }
    }

    var isGone: Bool { state.withLock(\.isClosed) }

    func close() {
        let body = state.withLock { state in
            state.isClosed = true
            defer { state.body = nil }
            return state.body
        }
        body?()
    }
}

/// Tells the watch what happens to its channel; everything else goes on through the pipeline.
private final class ConnectionWatchHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private let watch: ConnectionWatch
    private var connection: WatchedConnection?

    init(watch: ConnectionWatch) { self.watch = watch }

    func handlerAdded(context: ChannelHandlerContext) { connection = watch.opened(context.channel) }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch.forget(context.channel)
        connection?.close()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { connection?.close() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection?.close()
        context.fireChannelInactive()
    }
}

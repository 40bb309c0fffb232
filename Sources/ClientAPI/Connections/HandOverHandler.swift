import HummingbirdCore
import Logging
public import NIOCore

/// Keeps a connection with its pipeline until the task that will end it has taken it up.
///
/// NIO gives up the writer of a connection as soon as that is active, and traps when the last reference to a writer goes before somebody
/// finished it. Whoever listens is told of the connection by a stream; where that has ended, by a stop or by being cancelled, the connection
/// is dropped while its event loop makes it active, in either order and on two threads. Here it is active for the handlers behind this one
/// only once its task has said so (``takenUp(_:)``), and that task holds it until it is finished. One that nobody takes up stays the
/// pipeline's until it is closed, which finishes its writer; so it does not matter when the stream ends.
///
/// Stands right before the handlers that Hummingbird and NIO add. What comes is passed on from the beginning.
///
/// Legal transitions: open -> active or taken up -> both, which is handed over.
public final class HandOverHandler: ChannelInboundHandler, RemovableChannelHandler {
    public typealias InboundIn = NIOAny
    public typealias InboundOut = NIOAny

    private struct TakenUp: Sendable {}

    private var isActive = false
    private var isTakenUp = false

    public init() {}

    /// Says that the caller has the connection and will finish it.
    public static func takenUp(_ channel: any Channel) { channel.pipeline.fireUserInboundEventTriggered(TakenUp()) }

    public func channelActive(context: ChannelHandlerContext) {
        isActive = true
        if isTakenUp { context.fireChannelActive() }
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is TakenUp else { return context.fireUserInboundEventTriggered(event) }
        guard !isTakenUp else { return }
        isTakenUp = true
        if isActive { context.fireChannelActive() }
    }
}

/// Connections whose pipeline has a ``HandOverHandler``, which is told when the task of each begins.
struct HandedOverChannel<Child: ServerChildChannel>: ServerChildChannel {
    let child: Child

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Child.Value> {
        child.setup(channel: channel, logger: logger)
    }

    func handle(value: Child.Value, logger: Logger) async {
        HandOverHandler.takenUp(value.channel)
        await child.handle(value: value, logger: logger)
    }
}

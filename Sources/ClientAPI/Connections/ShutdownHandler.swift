import NIOCore
import NIOHTTPTypes

/// How long a shutdown waits for clients.
struct ShutdownPatience: Sendable {
    /// How often it is looked whether a client stalls.
    var interval: TimeAmount = .milliseconds(100)
    /// After so many looks without a byte, a client that the server waits for has stalled.
    var looks = 2
    /// When every connection ends, be something under way on it or not.
    var longest: TimeAmount = .seconds(1)
}

/// Ends its connection when the server stops, so that no client holds up the others' next server.
///
/// The server lets requests that are under way end, for ``ShutdownPatience/longest`` at most. A client that stalls, in the middle of an
/// upload or of its answer, ends at once: what it waits for would not come.
///
/// Legal transitions: serving -> ending (the server stops) -> closed.
final class ShutdownHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let patience: ShutdownPatience
    /// Whether the head of a request has come and its end has not.
    private var isReadingRequest = false
    /// Counts what came.
    private var reads = 0
    private var nextLook: Scheduled<Void>?
    private var end: Scheduled<Void>?

    init(patience: ShutdownPatience = ShutdownPatience()) { self.patience = patience }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: isReadingRequest = true
        case .body: break
        case .end: isReadingRequest = false
        }
        reads &+= 1
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, end == nil {
            end = context.eventLoop.assumeIsolated().scheduleTask(in: patience.longest) { context.close(promise: nil) }
            look(context: context, since: Progress(reads: reads, unsent: unsent(context: context)), quietLooks: 0)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { cancel() }

    private struct Progress: Equatable {
        var reads: Int
        var unsent: Int
    }

    private func look(context: ChannelHandlerContext, since before: Progress, quietLooks: Int) {
        nextLook = context.eventLoop.assumeIsolated().scheduleTask(in: patience.interval) { [weak self] in
            guard let self else { return }
            let now = Progress(reads: reads, unsent: unsent(context: context))
            let waitsForClient = isReadingRequest || now.unsent > 0
            let quietLooks = waitsForClient && now == before ? quietLooks + 1 : 0
            if quietLooks >= patience.looks { return context.close(promise: nil) }
            look(context: context, since: now, quietLooks: quietLooks)
        }
    }

    /// The bytes that the client has yet to take; none where a channel does not tell.
    private func unsent(context: ChannelHandlerContext) -> Int {
        do { return try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0 } catch { return 0 }
    }

    private func cancel() {
        nextLook?.cancel()
        end?.cancel()
    }
}

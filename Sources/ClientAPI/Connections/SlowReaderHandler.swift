import NIOCore

/// How fast a client has to take an answer that its socket does not hold: so much in each period, or it is taken for gone.
///
/// The usual pace is 1 KiB a second: slower than any network on which one would open a picture, and fast enough that nobody holds the
/// server's files and memory for nothing.
struct ReaderPace: Sendable {
    var period: TimeAmount = .seconds(60)
    /// Bytes in each period.
    var amount = 60 * 1024
}

/// Closes the connection of a client that asks for much and takes none of it.
///
/// The server stops writing while more waits than a socket takes, and goes on when the client took most of that; nothing else would
/// notice a client that never does. What waits is looked at from the moment when writing stops, once a period, until it goes on: so
/// answers that a socket takes whole cost nothing. The closed channel ends the answer, and with it what the answer reads.
final class SlowReaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let pace: ReaderPace
    private var check: Scheduled<Void>?

    init(pace: ReaderPace = ReaderPace()) { self.pace = pace }

    func handlerRemoved(context: ChannelHandlerContext) { check?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        check?.cancel()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        check?.cancel()
        check = nil
        if !context.channel.isWritable { planCheck(context: context) }
        context.fireChannelWritabilityChanged()
    }

    private func planCheck(context: ChannelHandlerContext) {
        guard let before = waiting(context: context) else { return }
        check = context.eventLoop.assumeIsolated().scheduleTask(in: pace.period) { [weak self] in
            guard let self, let after = waiting(context: context) else { return }
            if before - after < pace.amount { return context.close(promise: nil) }
            planCheck(context: context)
        }
    }

    /// The bytes that the client has yet to take; nil where a channel does not tell.
    private func waiting(context: ChannelHandlerContext) -> Int? {
        do { return try context.channel.syncOptions?.getOption(.bufferedWritableBytes) } catch { return nil }
    }
}

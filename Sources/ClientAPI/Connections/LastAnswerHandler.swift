import NIOCore
import NIOHTTPTypes

/// How much is still taken of a request that was answered before it was whole.
///
/// A connection that is closed while its client sends is reset, and the reset overtakes the answer: the client hears of a broken network where it
/// should hear that its file is too large or the disk full. So what it sends is read and dropped until it has heard.
struct Farewell: Sendable {
    /// How often it is looked whether anything came.
    static let interval: TimeAmount = .seconds(1)
    /// What a client has on its way at most, unless it does not listen.
    static let mostBytes = 104_857_600
    static let mostLooks = 30

    private var bytes = 0
    private var bytesBefore = 0
    private var looks = 0

    /// More of the request came; true where that is the end of all patience.
    mutating func came(_ count: Int) -> Bool {
        bytes += count
        return bytes > Self.mostBytes
    }

    /// An interval has gone by; true where nothing came in it, or too many have.
    mutating func looked() -> Bool {
        defer { bytesBefore = bytes }
        looks += 1
        return bytes == bytesBefore || looks >= Self.mostLooks
    }
}

/// Ends its connection after the last answer: at once where nothing more is to come, else once the client has heard (``Farewell``).
///
/// Stands right behind the HTTP codec.
///
/// Legal transitions: serving -> farewell (the last answer is written) -> closed.
final class LastAnswerHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    /// Whether the head of a request has come and its end has not.
    private var isReadingRequest = false
    private var farewell: Farewell?
    private var nextLook: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), farewell) {
        case (.head, nil):
            isReadingRequest = true
            context.fireChannelRead(data)
        case (.end, nil):
            isReadingRequest = false
            context.fireChannelRead(data)
        case (.body, nil): context.fireChannelRead(data)
        case (.body(let bytes), _):
            // The server drops what was not read of a body.
            context.fireChannelRead(data)
            if farewell?.came(bytes.readableBytes) == true { context.close(promise: nil) }
        // Nobody would answer what comes behind it.
        case (.end, _), (.head, _): context.close(promise: nil)
        }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is LastAnswerWritten else { return context.triggerUserOutboundEvent(event, promise: promise) }
        promise?.succeed()
        farewell = Farewell()
        let sent = context.eventLoop.makePromise(of: Void.self)
        // Whoever reads until the end hears it.
        context.close(mode: .output, promise: sent)
        if isReadingRequest { return look(context: context) }
        sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    private func look(context: ChannelHandlerContext) {
        nextLook = context.eventLoop.assumeIsolated().scheduleTask(in: Farewell.interval) { [weak self] in
            guard let self, farewell?.looked() == false else { return context.close(promise: nil) }
            look(context: context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if farewell != nil, event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if farewell == nil { context.fireErrorCaught(error) } else { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        nextLook?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { nextLook?.cancel() }
}

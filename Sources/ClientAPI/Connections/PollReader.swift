import HTTPTypes
import NIOCore
import NIOHTTPTypes
import SubscriptionCore

/// The first handler of a connection: passes a poll that is repeated by the HTTP parser, and the answers of held syncs by the encoder.
///
/// All other bytes go on as they come. Those of a poll go to the handlers behind the parser (``HeldSyncGate``), which get the same parts
/// of it as from the parser; so the parser is never in the middle of anything when this handler knows a poll again.
final class PollReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The longest poll that is known again, in bytes: it is kept while its connection is open.
    private static let longest = 4096

    private let gate: HeldSyncGate
    /// The poll that came again, while its parts are on their way.
    private(set) var repetition: (poll: Poll, since: SyncToken)?
    /// What the parser is being given, if that may be a poll.
    private(set) var bytes: ByteBuffer?
    /// The poll that may come again now.
    private var expected: Poll?
    /// Whether nothing went to the parser since it made a poll of all that it had.
    private var isCaughtUp = false
    private var context: ChannelHandlerContext?

    init(gate: HeldSyncGate) { self.gate = gate }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let poll = expected
        expected = nil
        if let poll, let since = poll.since(in: buffer) {
            repetition = (poll, since)
            gate.deliver(poll)
            repetition = nil
            return
        }
        isCaughtUp = false
        bytes = buffer.readableBytes <= Self.longest ? buffer : nil
        context.fireChannelRead(data)
        bytes = nil
    }

    /// The parser made this poll of ``bytes``.
    func wasRead(_: Poll) { isCaughtUp = true }

    /// The poll is answered: unless something came behind it, the next bytes may be the same poll again.
    func mayComeAgain(_ poll: Poll) { expected = isCaughtUp ? poll : nil }

    /// Sends the answer of a held sync; the handlers behind the encoder are told by ``HeldSyncGate``.
    func send(_ answer: ByteBuffer) { context?.writeAndFlush(wrapOutboundOut(answer), promise: nil) }
}

/// Puts the handlers that hold syncs where they belong, once the pipeline is complete, and stands between the HTTP codec and the handler
/// that counts a connection's requests and closes idle ones: to that one, a held sync is a request like any other.
final class HeldSyncGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let syncs: HeldSyncs
    private var context: ChannelHandlerContext?
    private var isSent = false

    init(syncs: HeldSyncs) { self.syncs = syncs }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        do {
            try syncs.install(in: context.pipeline.syncOperations, gate: self)
        } catch {
            // Without those handlers, every sync goes to the responder.
            context.fireErrorCaught(error)
        }
        context.fireChannelActive()
    }

    /// Gives a request to the handlers behind this one, as if the codec had read it.
    fileprivate func deliver(_ poll: Poll) {
        for part in poll.parts { context?.fireChannelRead(part) }
    }

    /// Lets the handlers before this one see the end of an answer whose bytes were sent already.
    func passing(_ write: () -> Void) {
        isSent = true
        write()
        isSent = false
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isSent { promise?.succeed() } else { context.write(data, promise: promise) }
    }
}

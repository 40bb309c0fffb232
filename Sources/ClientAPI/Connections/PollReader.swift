import HTTPTypes
import NIOCore
import SubscriptionCore

/// The first handler of a connection: passes a poll that is repeated by the HTTP parser, and the answers of the other direct handlers by the encoder.
///
/// All other bytes go on as they come. Those of a poll go to the handlers behind the parser (``DirectAnswerGate``), which get the same parts
/// of it as from the parser; so the parser is never in the middle of anything when this handler knows a poll again.
final class PollReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The longest poll that is known again, in bytes: it is kept while its connection is open.
    private static let longest = 4096

    private let gate: DirectAnswerGate
    /// The poll that came again, while its parts are on their way.
    private(set) var repetition: (poll: Poll, since: ClientToken)?
    /// What the parser is being given, if that may be a poll.
    private(set) var bytes: ByteBuffer?
    /// The poll that may come again now.
    private var expected: Poll?
    /// Whether nothing went to the parser since it made a poll of all that it had.
    private var isCaughtUp = false
    private var context: ChannelHandlerContext?

    init(gate: DirectAnswerGate) { self.gate = gate }

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

    /// Sends an answer as it goes over the connection; the handlers behind the encoder are told by ``DirectAnswerGate``.
    func send(_ answer: ByteBuffer) { context?.writeAndFlush(wrapOutboundOut(answer), promise: nil) }
}

import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers the requests of one connection that are refused (``Refusals``), and lets everything else through.
///
/// Stands behind ``HeldSyncHandler``, which hands one request on at a time: so whatever is answered here is next in order.
///
/// Legal transitions: open -> dropping (the rest of a request that was refused) -> open.
final class RefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        case open
        case dropping(thenCloses: Bool)
    }

    private let refusals: Refusals
    private let syncs: HeldSyncHandler
    private let reader: PollReader
    private let gate: DirectAnswerGate
    private var state = State.open

    init(refusals: Refusals, behind syncs: HeldSyncHandler, reader: PollReader, gate: DirectAnswerGate) {
        self.refusals = refusals
        self.syncs = syncs
        self.reader = reader
        self.gate = gate
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .open):
            guard !syncs.isHandingOver, let answer = refusals.refusal(of: head, over: context.channel) else {
                return context.fireChannelRead(data)
            }
            state = .dropping(thenCloses: head.headerFields[.connection]?.lowercased() == "close")
            reader.send(answer)
            gate.passing { context.write(wrapOutboundOut(.end(nil)), promise: nil) }
        case (.end, .dropping(let closes)):
            state = .open
            if closes { context.close(promise: nil) }
        case (_, .dropping): break
        case (_, .open): context.fireChannelRead(data)
        }
    }
}

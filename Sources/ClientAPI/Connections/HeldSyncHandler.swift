import HTTPTypes
import HearthServices
import NIOCore
import NIOHTTPTypes

/// Holds the syncs of one connection (``HeldSyncs``), one at a time, and lets everything else through.
///
/// Legal transitions: open -> reading (the head of a sync) -> holding -> open; from `reading` and from `holding` also to open by handing
/// the request over to the rest of the pipeline. Answers keep the order of their requests: while the rest of the pipeline has one to
/// answer, nothing is held here, and what comes while something is held waits.
final class HeldSyncHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        case open
        case reading(HTTPRequest)
        case holding(HeldSyncs.Held)
    }

    private let syncs: HeldSyncs
    private let reader: PollReader
    private let gate: HeldSyncGate
    private var state = State.open
    /// Requests that the rest of the pipeline has not answered yet.
    private var handedOn = 0
    /// What came behind a held request. No more is read while there is any.
    private var waiting: [HTTPRequestPart] = []
    private var isReadWanted = false
    private var context: ChannelHandlerContext?

    init(syncs: HeldSyncs, reader: PollReader, gate: HeldSyncGate) {
        self.syncs = syncs
        self.reader = reader
        self.gate = gate
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        giveUp()
        self.context = nil
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .holding = state { waiting.append(part) } else { take(part, context: context) }
    }

    private func take(_ part: HTTPRequestPart, context: ChannelHandlerContext) {
        switch (part, state) {
        case (.head(let head), _) where handedOn == 0 && (reader.repetition != nil || HeldSyncs.mayHold(head)):
            state = .reading(head)
        case (.end, .reading(let head)):
            state = .open
            hold(head, context: context)
        case (_, .reading(let head)):
            // A body after all.
            state = .open
            handOn(.head(head), context: context)
            handOn(part, context: context)
        default: handOn(part, context: context)
        }
    }

    private func hold(_ head: HTTPRequest, context: ChannelHandlerContext) {
        if let (poll, since) = reader.repetition {
            guard let held = syncs.hold(poll, since: since, over: context.channel) else {
                var head = head
                head.path = poll.path(since: since)
                return handOn(head, context: context)
            }
            state = .holding(held)
        } else {
            guard let held = syncs.hold(head, from: reader.bytes, over: context.channel) else {
                return handOn(head, context: context)
            }
            if let poll = held.poll { reader.wasRead(poll) }
            state = .holding(held)
        }
        look(after: nil, context: context)
    }

    private func handOn(_ head: HTTPRequest, context: ChannelHandlerContext) {
        handOn(.head(head), context: context)
        handOn(.end(nil), context: context)
    }

    private func handOn(_ part: HTTPRequestPart, context: ChannelHandlerContext) {
        if case .head = part { handedOn += 1 }
        context.fireChannelRead(wrapInboundOut(part))
    }

    func read(context: ChannelHandlerContext) {
        if waiting.isEmpty { context.read() } else { isReadWanted = true }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { handedOn = max(0, handedOn - 1) }
        context.write(data, promise: promise)
    }

    // MARK: The held request

    private func look(after wakeUp: WakeUp?, context: ChannelHandlerContext) {
        guard case .holding(let held) = state else { return }
        do {
            switch try held.sync.look(after: wakeUp) {
            case .sleep: sleep(held.sync.waker)
            case .answer(let response):
                guard let bytes = syncs.answer(response, to: held) else { return handOver(held, context: context) }
                open(after: held, context: context) {
                    reader.send(bytes)
                    gate.passing { context.write(wrapOutboundOut(.end(nil)), promise: nil) }
                    if let poll = held.poll { reader.mayComeAgain(poll) }
                }
            case .read: handOver(held, context: context)
            }
        } catch SyncError.clientGone {
            giveUp()
        } catch {
            // Logged out in the meantime: the responder says so.
            handOver(held, context: context)
        }
    }

    private func sleep(_ waker: Waker) {
        guard let context else { preconditionFailure("a handler without a channel holds nothing") }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        waker.onWake(in: LoopPlace(loop: context.eventLoop)) { wakeUp in handler.value.woken(waker, by: wakeUp) }
    }

    private func woken(_ waker: Waker, by wakeUp: WakeUp) {
        // The sync may have ended while this was on its way.
        guard let context, case .holding(let held) = state, held.sync.waker === waker else { return }
        look(after: wakeUp, context: context)
    }

    private func handOver(_ held: HeldSyncs.Held, context: ChannelHandlerContext) {
        let head = syncs.handedOver(held)
        open(after: held, context: context) {
            handOn(head, context: context)
            // The rest of the pipeline takes up what it got when it hears that there is no more for now.
            context.fireChannelReadComplete()
        }
    }

    /// Ends the hold, does what answers the request, and goes on with what came behind it.
    private func open(after held: HeldSyncs.Held, context: ChannelHandlerContext, answer: () -> Void) {
        state = .open
        held.sync.end()
        answer()
        let parts = waiting
        waiting = []
        for part in parts {
            if case .holding = state { waiting.append(part) } else { take(part, context: context) }
        }
        if !parts.isEmpty { context.fireChannelReadComplete() }
        if isReadWanted, waiting.isEmpty {
            isReadWanted = false
            context.read()
        }
    }

    // MARK: The client's going away

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client that closed its half of the connection counts as gone.
        if event as? ChannelEvent == .inputClosed, case .holding = state {
            giveUp()
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        giveUp()
        context.fireChannelInactive()
    }

    private func giveUp() {
        if case .holding(let held) = state { held.sync.end() }
        state = .open
        waiting = []
    }
}

/// An event loop as the place where held syncs go on.
private struct LoopPlace: WakePlace {
    let loop: any EventLoop

    var id: ObjectIdentifier { ObjectIdentifier(loop) }

    func execute(_ work: @escaping @Sendable () -> Void) { loop.execute(work) }
}

import DequeModule
import HTTPTypes
import HearthRuntime
import HearthServices
import NIOCore
import NIOHTTPTypes

/// Holds the syncs of one connection (``HeldSyncs``), and hands every other request on to the rest of the pipeline, all of them one at a time.
///
/// Legal transitions: open -> reading (the head of a sync) -> holding -> open; from `open`, `reading` and `holding` also to answering, by
/// handing the request on, and from there to open once the rest of the pipeline has answered. Answers keep the order of their requests: what
/// comes behind a request that is not answered waits.
final class HeldSyncHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        case open
        case reading(HTTPRequest)
        case holding(HeldSyncs.Held)
        /// The rest of the pipeline has a request to answer, and gets what is left of its body.
        case answering
    }

    private let syncs: HeldSyncs
    private let reader: PollReader
    private let gate: DirectAnswerGate
    private var state = State.open
    /// How many requests may wait behind one that is not answered; a connection with more is closed. Clients that send ahead at all send a few.
    private static let mostWaiting = 64

    /// What came behind a request that is not answered. No more is read while there is any.
    private var waiting: Deque<HTTPRequestPart> = []
    private var waitingRequests = 0
    private var isReadWanted = false
    /// Whether what is being handed on was held: that is not to be refused any more.
    private(set) var isHandingOver = false
    private var context: ChannelHandlerContext?

    init(syncs: HeldSyncs, reader: PollReader, gate: DirectAnswerGate) {
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
        receive(unwrapInboundIn(data), context: context)
    }

    private func receive(_ part: HTTPRequestPart, context: ChannelHandlerContext) {
        if waiting.isEmpty, isNext(part) { return take(part, context: context) }
        if case .head = part { waitingRequests += 1 }
        guard waitingRequests <= Self.mostWaiting else {
            giveUp()
            return context.close(promise: nil)
        }
        waiting.append(part)
    }

    private func isNext(_ part: HTTPRequestPart) -> Bool {
        switch (part, state) {
        case (_, .holding), (.head, .answering): false
        default: true
        }
    }

    private func take(_ part: HTTPRequestPart, context: ChannelHandlerContext) {
        switch (part, state) {
        case (.head(let head), _) where reader.repetition != nil || HeldSyncs.mayHold(head):
            state = .reading(head)
        case (.end, .reading(let head)):
            state = .open
            hold(head, context: context)
        case (_, .reading(let head)):
            // A body after all.
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
        if case .head = part { state = .answering }
        context.fireChannelRead(wrapInboundOut(part))
    }

    func read(context: ChannelHandlerContext) {
        if waiting.isEmpty { context.read() } else { isReadWanted = true }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        guard case .end = unwrapOutboundIn(data), case .answering = state else { return }
        state = .open
        guard !waiting.isEmpty else { return }
        // Not from within the write of a handler that reads as well.
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { handler.value.goOn() }
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
            isHandingOver = true
            handOn(head, context: context)
            isHandingOver = false
            // The rest of the pipeline takes up what it got when it hears that there is no more for now.
            context.fireChannelReadComplete()
        }
    }

    /// Ends the hold, does what answers the request, and goes on with what came behind it.
    private func open(after held: HeldSyncs.Held, context: ChannelHandlerContext, answer: () -> Void) {
        state = .open
        held.sync.end()
        answer()
        goOn()
    }

    /// Takes up what came behind a request that is answered now.
    private func goOn() {
        guard let context else { return }
        var hasTaken = false
        while let part = waiting.first, isNext(part) {
            waiting.removeFirst()
            if case .head = part { waitingRequests -= 1 }
            hasTaken = true
            take(part, context: context)
        }
        if hasTaken { context.fireChannelReadComplete() }
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
        waitingRequests = 0
    }
}

/// An event loop as the place where held syncs go on.
private struct LoopPlace: WakePlace {
    let loop: any EventLoop

    var id: ObjectIdentifier { ObjectIdentifier(loop) }

    func execute(_ work: @escaping @Sendable () -> Void) { loop.execute(work) }
}

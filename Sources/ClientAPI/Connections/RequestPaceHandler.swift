import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends the connection of a client that does not send what it began (``SenderPace``), and tells ``OpenConnections`` when the connection rests.
///
/// Stands behind the HTTP codec, which tells nothing of a head before it is whole: a read that brought no part has begun one.
/// Time is only looked at for what does not come at once; a request that one read brings plans nothing.
///
/// Legal transitions: head (of a new connection; of a proxy's, between) -> body -> between -> head (that began and is not whole) or body -> …
final class RequestPaceHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum Reading {
        /// Nothing of the next request has come.
        case between
        case head(since: NIODeadline)
        case body(of: HTTPRequest)
        /// It took too long, and the connection is about to be closed.
        case over
    }

    private let pace: SenderPace
    private let connections: OpenConnections
    private var connection: OpenConnection?
    private var reading = Reading.between
    private var progress = SenderProgress()
    private var unanswered = 0
    /// Whether the last read brought a part of a request.
    private var sawPart = false
    private var check: (at: NIODeadline, task: Scheduled<Void>)?

    init(connections: OpenConnections, pace: SenderPace = SenderPace()) {
        self.connections = connections
        self.pace = pace
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        connection = connections.opened(context.channel, at: context.eventLoop.now)
        if context.channel.isActive { begin(context: context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.task.cancel()
        check = nil
        if let connection { connections.closed(connection) }
        connection = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context: context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        check?.task.cancel()
        check = nil
        context.fireChannelInactive()
    }

    private func begin(context: ChannelHandlerContext) {
        if connection?.isSurplus == true { return context.close(promise: nil) }
        // Proxies keep connections for later.
        guard connection?.isBounded == true else { return }
        reading = .head(since: context.eventLoop.now)
        plan(in: pace.head, context: context)
    }

    // MARK: Requests and answers

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        sawPart = true
        switch unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            if unanswered == 1 { connection?.asks() }
            reading = .body(of: head)
            progress = SenderProgress()
        case .body(let bytes):
            if case .over = reading { return }
            progress.came(bytes.readableBytes, pace: pace, at: context.eventLoop.now)
            if progress.isCrumbled(pace: pace) { return end(context: context) }
        case .end:
            if case .over = reading { return }
            reading = .between
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // What comes while a request is being answered is looked at once it is its turn.
        if !sawPart, unanswered == 0, case .between = reading {
            reading = .head(since: context.eventLoop.now)
            plan(in: pace.head, context: context)
        }
        sawPart = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        switch reading {
        case .body:
            progress.waits(at: context.eventLoop.now)
            plan(in: pace.grace, context: context)
        case .over: return  // What still comes nobody looks at.
        case .between, .head: break
        }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        guard case .end = unwrapOutboundIn(data) else { return }
        unanswered = max(0, unanswered - 1)
        guard unanswered == 0 else { return }
        connection?.rests(at: context.eventLoop.now)
        if connections.isFull { plan(in: OpenConnection.pause, context: context) }
    }

    // MARK: Time

    private func plan(in time: TimeAmount, context: ChannelHandlerContext) {
        let at = context.eventLoop.now + time
        if let check, check.at <= at { return }
        check?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            self?.check = nil
            self?.look(context: context)
        }
        check = (at, task)
    }

    private func look(context: ChannelHandlerContext) {
        let now = context.eventLoop.now
        switch reading {
        case .over: context.close(promise: nil)
        case .between:
            if unanswered == 0, connections.isFull, connection?.rest(at: now) != nil { context.close(promise: nil) }
        case .head(let since):
            let left = since + pace.head - now
            if left <= .zero { context.close(promise: nil) } else { plan(in: left, context: context) }
        case .body(let head):
            guard let left = progress.timeLeft(at: now, pace: pace, isFile: Refusals.isUpload(head)) else { return }
            if left <= .zero { end(context: context) } else { plan(in: left, context: context) }
        }
    }

    /// The body that is waited for breaks off here. What waits for it answers; one that was answered already needs no answer.
    private func end(context: ChannelHandlerContext) {
        guard unanswered > 0 else { return context.close(promise: nil) }
        reading = .over
        context.fireErrorCaught(SenderTooSlow())
        plan(in: pace.farewell, context: context)
    }
}

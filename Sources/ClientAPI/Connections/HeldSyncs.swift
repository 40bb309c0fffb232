import HTTPTypes
import HearthServices
import HummingbirdCore
public import Logging
import MatrixModel
import NIOCore
import NIOHTTPTypes
import Synchronization

/// Answers syncs that wait for news from within the channel's pipeline, so that a held sync costs no task, and a wake-up no switch
/// between threads.
///
/// It takes what it can do from memory alone: a `GET /sync` that continues from a sync token and comes with a valid access token.
/// Everything else, wrong requests among it, goes on to the responder. So does a held sync when news come that are to be read from the
/// store: it then finds them at once. What is answered, both ways, is what ``SyncService`` says.
public final class HeldSyncs: Sendable {
    let services: ClientServices
    private let recorder: RequestRecorder
    private let logger: Logger
    private let clock = SystemClock()
    private let date = Mutex((second: Int64.min, text: ""))

    public init(services: ClientServices, recorder: RequestRecorder, logger: Logger) {
        self.services = services
        self.recorder = recorder
        self.logger = logger
    }

    /// A handler that puts the one which holds syncs where it belongs, once the pipeline is complete.
    func installer() -> any RemovableChannelHandler { HeldSyncInstaller(syncs: self) }

    /// A held sync, the request that asks for it, and who asks.
    final class Held {
        let sync: HeldSync
        let head: HTTPRequest
        let pattern: String
        let requester: Requester
        /// By what the next request is known again.
        let poll: Poll?
        let id: String
        let started = ContinuousClock.now

        init(_ sync: HeldSync, head: HTTPRequest, pattern: String, requester: Requester, poll: Poll?, id: String) {
            self.sync = sync
            self.head = head
            self.pattern = pattern
            self.requester = requester
            self.poll = poll
            self.id = id
        }
    }

    /// Whether a request may be one for ``hold(_:after:over:)``, by its head: without a body, over a connection that stays open.
    static func mayHold(_ head: HTTPRequest) -> Bool {
        guard head.method == .get, let path = head.path, pattern(of: path) != nil else { return false }
        // In one pass: a look-up by name makes an index of all fields first.
        var authorizations = 0
        return head.headerFields.allSatisfy { field in
            switch field.name {
            case .connection: return field.value.lowercased() == "keep-alive"
            case .contentLength: return field.value == "0"
            case .transferEncoding: return false
            case .authorization:
                authorizations += 1
                return authorizations == 1
            default: return true
            }
        }
    }

    private static func pattern(of path: String) -> String? {
        GetSync.paths.first { pattern in
            path.utf8.starts(with: pattern.utf8) && path.utf8.dropFirst(pattern.utf8.count).first == UInt8(ascii: "?")
        }
    }

    /// Begins to hold a sync; nil for a request that is not for here.
    ///
    /// - Parameter last: the poll before on this connection, which this one probably repeats.
    func hold(_ head: HTTPRequest, after last: Poll?, over channel: any Channel) -> Held? {
        guard let path = head.path else { return nil }
        let authorization = head.headerFields.first { $0.name == .authorization }?.value
        do {
            if let last, let request = last.repeated(by: path, authorization: authorization) {
                return held(
                    request, by: try services.accounts.requester(for: last.token), head, pattern: last.pattern, poll: last,
                    over: channel)
            }
            guard let pattern = Self.pattern(of: path) else { return nil }
            let text = path.dropFirst(pattern.count + 1)
            let query = try QueryParameters(String(text))
            guard let token = AccessToken.find(in: head.headerFields, query: query).map({ AccessTokenHash(of: $0) }) else {
                return nil
            }
            let requester = try services.accounts.requester(for: token)
            var request = try GetSync.request(query)
            guard let filter = try GetSync.knownFilter(query, user: requester.user, filters: services.filters) else { return nil }
            request.filter = filter
            let poll = Poll(pattern: pattern, query: text, authorization: authorization, token: token, request: request)
            return held(request, by: requester, head, pattern: pattern, poll: poll, over: channel)
        } catch {
            // The responder finds the same mistake and says what it is.
            return nil
        }
    }

    private func held(
        _ request: SyncRequest, by requester: Requester, _ head: HTTPRequest, pattern: String, poll: Poll?,
        over channel: any Channel
    ) -> Held? {
        guard let sync = services.sync.hold(request, device: requester.key) else { return nil }
        return Held(
            sync, head: head, pattern: pattern, requester: requester, poll: poll,
            id: recorder.id(of: head.headerFields, over: channel))
    }

    /// Head and body of the answer.
    func answer(_ response: HearthServices.SyncResponse, to held: Held) -> (head: HTTPResponse, body: ByteBuffer)? {
        let answer = GetSync.answer(
            with: response, to: held.requester, userAgent: held.head.headerFields[.userAgent], services: services)
        guard let (plain, body) = answer.whole() else { return nil }
        var head = plain
        head.headerFields[.xRequestID] = held.id
        head.headerFields[.date] = dateText()
        var logger = logger
        if logger.logLevel <= .debug { logger[metadataKey: RequestID.metadataKey] = "\(held.id)" }
        recorder.answered(
            .get, pattern: held.pattern, status: head.status.code, for: held.requester.user,
            took: ContinuousClock.now - held.started, logger: logger)
        return (head, body)
    }

    /// The request for the responder, to be held no longer than what is left of its time.
    func handedOver(_ head: HTTPRequest, timeLeft: Duration) -> HTTPRequest {
        var head = head
        guard let path = head.path, let query = path.utf8.firstIndex(of: UInt8(ascii: "?")) else { return head }
        // Of a parameter that comes twice the first counts.
        head.path = "\(path[..<query])?timeout=\(timeLeft.wholeMilliseconds)&\(path[path.utf8.index(after: query)...])"
        return head
    }

    /// The time, as every answer tells it; made anew once a second.
    private func dateText() -> String {
        let now = clock.now().wall
        let second = now.milliseconds / 1000
        return date.withLock { date in
            if date.second != second { date = (second, HTTPDate.text(of: now)) }
            return date.text
        }
    }
}

/// Puts a ``HeldSyncHandler`` behind the handler that counts a connection's requests and closes idle ones, so that a held sync counts
/// like any other request; then leaves the pipeline.
private final class HeldSyncInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private let syncs: HeldSyncs

    init(syncs: HeldSyncs) { self.syncs = syncs }

    func channelActive(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let counting = try pipeline.handler(type: HTTPConnectionStateHandler.self)
            try pipeline.addHandler(HeldSyncHandler(syncs: syncs), position: .after(counting))
        } catch {
            // Without that handler, every sync goes to the responder.
            context.fireErrorCaught(error)
        }
        context.fireChannelActive()
        pipeline.removeHandler(context: context, promise: nil)
    }
}

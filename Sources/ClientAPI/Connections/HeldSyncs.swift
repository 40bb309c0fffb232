import HTTPTypes
import HearthServices
import MatrixModel
import NIOCore
import NIOHTTPTypes
import SubscriptionCore

/// Answers syncs that wait for news from within the channel's pipeline, so that a held sync costs no task, and a wake-up no switch
/// between threads.
///
/// It takes what it can do from memory alone: a `GET /sync` that continues from a sync token and comes with a valid access token.
/// Everything else, wrong requests among it, goes on to the responder. So does a held sync when news come that are to be read from the
/// store: it then finds them at once. What is answered, both ways, is what ``SyncService`` says.
final class HeldSyncs: Sendable {
    private let services: ClientServices
    private let form: DirectAnswerForm

    init(services: ClientServices, form: DirectAnswerForm) {
        self.services = services
        self.form = form
    }

    /// A held sync, the request that asks for it, and who asks.
    final class Held {
        let sync: HeldSync
        /// Of the poll that this one repeats, if it repeats one.
        let head: HTTPRequest
        let pattern: String
        let requester: Requester
        /// By what the next request is known again.
        let poll: Poll?
        let id: String
        let started = ContinuousClock.now

        init(
            _ sync: HeldSync, head: HTTPRequest, pattern: String, requester: Requester, poll: Poll?, id: String
        ) {
            self.sync = sync
            self.head = head
            self.pattern = pattern
            self.requester = requester
            self.poll = poll
            self.id = id
        }
    }

    /// Whether a request may be one for ``hold(_:from:over:)``, by its head: without a body, over a connection that stays open.
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
    /// - Parameter bytes: what the request was read from, if it was read from that alone.
    func hold(_ head: HTTPRequest, from bytes: ByteBuffer?, over channel: any Channel) -> Held? {
        guard let path = head.path, let pattern = Self.pattern(of: path) else { return nil }
        do {
            let query = try QueryParameters(String(path.dropFirst(pattern.count + 1)))
            guard let token = AccessToken.find(in: head.headerFields, query: query).map({ AccessTokenHash(of: $0) }) else {
                return nil
            }
            let requester = try services.accounts.requester(for: token)
            var request = try GetSync.request(query, point: services.history.point(of:))
            guard let filter = try GetSync.knownFilter(query, user: requester.user, filters: services.filters),
                filter.form.isPlain
            else { return nil }
            request.filter = filter
            guard let sync = services.sync.hold(request, device: requester.key) else { return nil }
            let poll = bytes.flatMap { Poll(bytes: $0, head: head, pattern: pattern, token: token, request: request) }
            return Held(
                sync, head: head, pattern: pattern, requester: requester, poll: poll,
                id: form.id(of: head.headerFields, over: channel))
        } catch {
            // The responder finds the same mistake and says what it is.
            return nil
        }
    }

    /// Begins to hold a sync that repeats another one; nil if that is not to be held any more.
    func hold(_ poll: Poll, since: ClientToken, over channel: any Channel) -> Held? {
        guard let since = services.history.point(of: since) else { return nil }
        do {
            let requester = try services.accounts.requester(for: poll.token)
            guard let sync = services.sync.hold(poll.request(since: since), device: requester.key) else { return nil }
            return Held(
                sync, head: poll.head, pattern: poll.pattern, requester: requester, poll: poll,
                id: form.id(of: poll.head.headerFields, over: channel))
        } catch {
            return nil
        }
    }

    /// The whole answer, as it goes over the connection; nil for a large one, for which the responder borrows memory.
    func answer(_ response: HearthServices.SyncResponse, to held: Held) -> ByteBuffer? {
        let answer = GetSync.directAnswer(
            with: response, to: held.requester, userAgent: held.head.headerFields[.userAgent], services: services)
        guard let answer else { return nil }
        return form.bytes(
            of: answer,
            to: DirectAnswerForm.Request(
                id: held.id, method: .get, pattern: held.pattern, user: held.requester.user, started: held.started))
    }

    /// The request for the responder, to be held no longer than what is left of its time, and to look behind what was looked at here.
    func handedOver(_ held: Held) -> HTTPRequest {
        var head = held.head
        guard let path = head.path, let query = path.utf8.firstIndex(of: UInt8(ascii: "?")) else { return head }
        // Of a parameter that comes twice the first counts.
        let left = "timeout=\(held.sync.timeLeft.wholeMilliseconds)&since=\(services.history.token(of: held.sync.since))"
        head.path = "\(path[..<query])?\(left)&\(path[path.utf8.index(after: query)...])"
        return head
    }
}

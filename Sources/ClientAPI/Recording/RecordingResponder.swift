import HTTPTypes
public import HearthServices
public import Hummingbird
import Logging
import MatrixModel

/// Gives every request an id, one line in the log at debug level, and its place in the metrics.
///
/// The outermost of all responders. Of a request it records method, path pattern, status, time and user: never the path, which names
/// rooms and people, nor anything that was sent. `X-Request-ID` is taken over from trusted proxies alone and stands in every answer.
public struct RecordingResponder<Next: HTTPResponder>: HTTPResponder where Next.Context == ClientContext {
    public typealias Context = ClientContext

    private let next: Next
    private let trustedProxies: [IPNetwork]
    private let metrics: ServerMetrics

    public init(trustedProxies: [IPNetwork], metrics: ServerMetrics, before next: Next) {
        self.next = next
        self.trustedProxies = trustedProxies
        self.metrics = metrics
    }

    public func respond(to request: Request, context: ClientContext) async throws -> Response {
        let started = ContinuousClock.now
        let id = givenID(request, context) ?? RequestID.make()
        var context = context
        // Hummingbird's own id would stand beside ours.
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: RequestID.metadataKey] = "\(id)"
        var response = try await RequestID.$current.withValue(id) { [context] in
            try await next.respond(to: request, context: context)
        }
        response.headers[.xRequestID] = id
        record(request, response, context, took: ContinuousClock.now - started)
        return response
    }

    private func record(_ request: Request, _ response: Response, _ context: ClientContext, took: Duration) {
        let method = EndpointLabel.method(request.method)
        metrics.requestWasAnswered(
            EndpointLabel.text(method: method, pattern: context.endpointPath), status: response.status.code, took: took)
        guard context.logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [
            "method": "\(method)", "route": "\(context.endpointPath ?? "none")", "status": "\(response.status.code)",
            "ms": "\(Double(Int(took / .microseconds(1))) / 1000)",
        ]
        if let user = context.asker.user { metadata["user"] = "\(user)" }
        context.logger.debug("request", metadata: metadata)
    }

    private func givenID(_ request: Request, _ context: ClientContext) -> String? {
        guard let given = request.headers[.xRequestID],
            let peer = context.channel.remoteAddress?.ipAddress.flatMap({ IPAddress($0) }),
            trustedProxies.contains(where: { $0.contains(peer) })
        else { return nil }
        return RequestID.accepting(given)
    }
}

/// How endpoints are called in metrics: one label for one endpoint under all its prefixes, and few in all.
enum EndpointLabel {
    /// `GET /sync` for `/_matrix/client/v3/sync` and for `/_matrix/client/r0/sync`; `GET other` for what is no endpoint.
    static func text(method: String, pattern: String?) -> String {
        guard let pattern else { return "\(method) other" }
        for prefix in ["/_matrix/client/v3", "/_matrix/client/r0", "/_matrix/client/v1"] where pattern.hasPrefix(prefix + "/") {
            return "\(method) \(pattern.dropFirst(prefix.utf8.count))"
        }
        return "\(method) \(pattern)"
    }

    /// Clients may send any word as a method: those that nothing is served with are one.
    static func method(_ method: HTTPRequest.Method) -> String {
        [.get, .put, .post, .delete, .options, .head].contains(method) ? method.rawValue : "OTHER"
    }
}

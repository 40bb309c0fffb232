import HTTPTypes
public import Hummingbird
import Logging
import MatrixModel

/// Records every request that reaches it: the outermost of all responders. The id stands in every answer as `X-Request-ID`.
public struct RecordingResponder<Next: HTTPResponder>: HTTPResponder where Next.Context == ClientContext {
    public typealias Context = ClientContext

    private let next: Next
    private let recorder: RequestRecorder

    public init(recorder: RequestRecorder, before next: Next) {
        self.next = next
        self.recorder = recorder
    }

    public func respond(to request: Request, context: ClientContext) async throws -> Response {
        let started = ContinuousClock.now
        let id = recorder.id(of: request.headers, over: context.channel)
        var context = context
        // Hummingbird's own id would stand beside ours.
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: RequestID.metadataKey] = "\(id)"
        var response = try await RequestID.$current.withValue(id) { [context] in
            try await next.respond(to: request, context: context)
        }
        response.headers[.xRequestID] = id
        recorder.answered(
            request.method, pattern: context.endpointPath, status: response.status.code, for: context.asker.user,
            took: ContinuousClock.now - started, logger: context.logger)
        return response
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

public import ClientAPI
import HTTPTypes
public import HearthServices
public import Hummingbird
import MatrixModel

/// GET /health: 200 `{"status":"ok"}` while the server can do its work, else 503 with what it cannot. Everything else goes on.
///
/// For load balancers and supervisors; it needs no token and tells no more than that.
public struct HealthResponder<Next: HTTPResponder>: HTTPResponder where Next.Context == ClientContext {
    public typealias Context = ClientContext

    private let check: HealthCheck
    private let next: Next

    public init(check: HealthCheck, before next: Next) {
        self.check = check
        self.next = next
    }

    public func respond(to request: Request, context: ClientContext) async throws -> Response {
        guard request.uri.path == "/health", request.method == .get || request.method == .head else {
            return try await next.respond(to: request, context: context)
        }
        context.coreContext.endpointPath.value = "/health"
        let health = await check.health()
        var answer = ClientAnswer(["status": .string(health.word)])
        if health != .ok { answer.status = .serviceUnavailable }
        let response = answer.response(on: context.channel)
        return request.method == .head ? response.createHeadResponse() : response
    }
}

extension Health {
    fileprivate var word: String {
        switch self {
        case .ok: "ok"
        case .cannotWrite: "cannot write"
        case .cannotRead: "cannot read"
        case .shuttingDown: "shutting down"
        }
    }
}

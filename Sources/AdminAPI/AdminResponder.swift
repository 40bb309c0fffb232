public import ClientAPI
import HTTPTypes
public import Hummingbird
import MatrixModel

/// Answers everything below `/_hearth/admin/` and hands every other request to what stands behind it.
///
/// Where the admin API is not served, what stands behind answers for its paths too: as for any that it does not know.
public struct AdminResponder<Next: HTTPResponder>: HTTPResponder where Next.Context == ClientContext {
    public typealias Context = ClientContext

    private let services: AdminServices
    private let next: Next
    private let isServed: Bool
    private let table: RouteTable<any AdminEndpoint.Type>

    public init(services: AdminServices, before next: Next, isServed: Bool = true) {
        self.services = services
        self.next = next
        self.isServed = isServed
        var table = RouteTable<any AdminEndpoint.Type>()
        for endpoint in AdminAPI.endpoints {
            for method in endpoint.methods { table.add(endpoint, method: method.rawValue, pattern: endpoint.pattern) }
        }
        self.table = table
    }

    public func respond(to request: Request, context: ClientContext) async throws -> Response {
        guard isServed, request.uri.path.hasPrefix("/_hearth/admin/") else {
            return try await next.respond(to: request, context: context)
        }
        let response = await answer(to: request, context: context).response(on: context.channel)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(to request: Request, context: ClientContext) async -> ClientAnswer {
        if request.method == .options { return .empty }
        do {
            let path = try RequestTarget(path: request.uri.path).path
            switch table.match(method: request.method.rawValue, path: path) {
            case .unknownPath: throw ClientFailure.unknownPath
            case .wrongMethod(let served): throw ClientFailure.wrongMethod(served: served)
            case .found(let endpoint, let pattern, let parameters):
                context.coreContext.endpointPath.value = pattern
                let call = ClientCall(
                    services: services.client, path: PathParameters(parameters), query: try QueryParameters(request.uri.query),
                    request: request, context: context)
                return try await endpoint.answer(try AdminCall(call, services: services, logger: context.logger))
            }
        } catch {
            return ClientAnswer(ClientFailure.of(error, in: context))
        }
    }
}

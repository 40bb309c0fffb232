import HTTPTypes
import HearthServices
public import Hummingbird
import Logging
import MatrixModel

/// Answers every request of a client: finds the endpoint, calls it, and turns whatever it throws into a Matrix error.
///
/// Nothing leaves it without the headers for browsers. It routes by itself rather than by Hummingbird's router, because Matrix
/// asks for what that does not do: components that are decoded strictly and once, ids that hold encoded slashes, and 405 for a
/// known path with another method.
public struct ClientResponder: HTTPResponder {
    public typealias Context = ClientContext

    private let services: ClientServices

    init(services: ClientServices) { self.services = services }

    public func respond(to request: Request, context: ClientContext) async throws -> Response {
        var answer = await answer(to: request, context: context)
        if request.method == .get { lendMemory(for: &answer, to: request, context: context) }
        let response = answer.response(on: context.channel)
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// A large answer waits in memory for its reader. What was only asked for can be asked for again; of a change, the answer stays.
    private func lendMemory(for answer: inout ClientAnswer, to request: Request, context: ClientContext) {
        guard case .json(let bytes) = answer.content, bytes.count > ClientAnswer.small else { return }
        do throws(Overloaded) {
            let trusted = services.settings.trustedProxies
            let address = ClientAddress.of(request, over: context.channel, trusted: trusted)
            let borrower = MemoryBorrower(user: context.asker.user, address: address.countedAs(sharedBy: trusted))
            answer.loan = try services.admission.memory(bytes.count, for: .answers, to: borrower)
        } catch {
            answer = ClientAnswer(error.failure)
        }
    }

    private func answer(to request: Request, context: ClientContext) async -> ClientAnswer {
        // Browsers ask before they ask: without a token, and for whatever path.
        if request.method == .options { return .empty }
        var isUpload = false
        do {
            let path = try RequestTarget(path: request.uri.path).path
            switch Endpoints.table.match(method: request.method.rawValue, path: path) {
            case .unknownPath: throw ClientFailure.unknownPath
            case .wrongMethod: throw ClientFailure.wrongMethod
            case .found(let endpoint, let pattern, let parameters):
                context.coreContext.endpointPath.value = pattern
                isUpload = endpoint is any UploadEndpoint.Type
                // Of all others it was decided when their head came: ``Refusals``.
                if isUpload { try services.admission.admit(endpoint.workload) }
                services.admission.enter()
                defer { services.admission.leave() }
                let call = ClientCall(
                    services: services, path: PathParameters(parameters), query: try QueryParameters(request.uri.query),
                    request: request, context: context)
                return try await endpoint.answer(call)
            }
        } catch {
            var answer = ClientAnswer(ClientFailure.of(error, in: context))
            if isUpload { answer.closesConnection = true }
            return answer
        }
    }
}

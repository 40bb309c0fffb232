import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
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
        let memory = memory(for: request, context: context)
        var answer = await MeteredRead.$meter.withValue(memory) { await self.answer(to: request, context: context, with: memory) }
        settle(memory, for: &answer, isChange: request.method != .get && request.method != .head)
        let response = answer.response(on: context.channel)
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// Whatever is read for the request borrows from this.
    private func memory(for request: Request, context: ClientContext) -> AnswerMemory {
        let (services, headers) = (services, request.headers)
        let (asker, channel) = (context.asker, context.channel)
        let borrower: @Sendable () -> MemoryBorrower = {
            MemoryBorrower(user: asker.user, address: services.countedAddress(of: headers, over: channel))
        }
        // Asked only while somebody waits for memory.
        let isGone: @Sendable () -> Bool = { !channel.isActive || services.connections.connection(of: channel).isGone }
        return AnswerMemory(admission: services.admission, isGone: isGone, user: { asker.user }, borrower: borrower)
    }

    /// A large answer waits in memory for its reader. What was only asked for can be asked for again; of a change, the answer stays.
    private func settle(_ memory: AnswerMemory, for answer: inout ClientAnswer, isChange: Bool) {
        guard case .json(let bytes) = answer.content else { return }
        do throws(Overloaded) {
            answer.loan = try memory.settle(for: bytes.count)
        } catch {
            if !isChange { answer = ClientAnswer(error.failure) }
        }
    }

    private func answer(to request: Request, context: ClientContext, with memory: AnswerMemory) async -> ClientAnswer {
        // Browsers ask before they ask: without a token, and for whatever path.
        if request.method == .options { return .empty }
        var isUpload = false
        do {
            let path = try RequestTarget(path: request.uri.path).path
            switch Endpoints.table.match(method: request.method.rawValue, path: path) {
            case .unknownPath: throw ClientFailure.unknownPath
            case .wrongMethod(let served): throw ClientFailure.wrongMethod(served: served)
            case .found(let endpoint, let pattern, let parameters):
                context.coreContext.endpointPath.value = pattern
                isUpload = endpoint is any UploadEndpoint.Type
                // Of all others it was decided when their head came: ``Refusals``.
                if isUpload {
                    try services.admission.admit(endpoint.workload) {
                        services.asker(by: request.headers, query: request.uri.query, over: context.channel)
                    }
                }
                memory.enters()
                defer { memory.leaves() }
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

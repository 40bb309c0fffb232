package import HTTPTypes
import HearthServices
import HearthStore
import Hummingbird
import Logging
package import MatrixModel

/// An error as a client gets it: a status and the body of a Matrix error.
///
/// [Standard error response](https://spec.matrix.org/v1.16/client-server-api/#standard-error-response).
package struct ClientFailure: Error, Sendable {
    let status: HTTPResponse.Status
    let body: JSONObject
    var headers: HTTPFields = [:]
    /// Whether the rest of the request is not worth reading.
    var closesConnection = false

    package init(
        _ status: HTTPResponse.Status, _ code: ErrorCode, _ message: String, fields: JSONObject = [:],
        closesConnection: Bool = false
    ) {
        self.status = status
        self.closesConnection = closesConnection
        body = MatrixError(code, message, fields: fields).json
    }

    /// For an error whose body is more than code and sentence.
    init(_ status: HTTPResponse.Status, body: JSONObject) {
        self.status = status
        self.body = body
    }

    var code: ErrorCode? { body["errcode"]?.stringValue.map { ErrorCode($0) } }

    // MARK: Errors of the edge itself

    package static func invalidParameter(_ message: String) -> ClientFailure {
        ClientFailure(.badRequest, .invalidParam, message)
    }
    package static func badJSON(_ message: String) -> ClientFailure { ClientFailure(.badRequest, .badJSON, message) }
    package static func missingParameter(_ name: String) -> ClientFailure {
        ClientFailure(.badRequest, .missingParam, "\"\(name)\" is missing.")
    }

    static func bodyTooLarge(limit: Int) -> ClientFailure {
        ClientFailure(
            .contentTooLarge, .tooLarge, "The body of a request has at most \(limit) bytes.", closesConnection: true)
    }

    package static let unknownPath = ClientFailure(.notFound, .unrecognized, "This server has nothing at this path.")

    /// 405; `Allow` names the methods that the path is served with, beside the OPTIONS of every path.
    package static func wrongMethod(served: [String]) -> ClientFailure {
        var failure = ClientFailure(.methodNotAllowed, .unrecognized, "This path is not served with this method.")
        failure.headers[.allow] = (served + ["OPTIONS"]).joined(separator: ", ")
        return failure
    }

    /// 429; tells when to come again.
    static func tryAgain(
        _ status: HTTPResponse.Status, _ message: String, afterMilliseconds milliseconds: Int64
    ) -> ClientFailure {
        var failure = ClientFailure(status, .limitExceeded, message, fields: ["retry_after_ms": .integer(milliseconds)])
        let seconds = milliseconds / 1000 + (milliseconds % 1000 > 0 ? 1 : 0)
        failure.headers[.retryAfter] = String(max(seconds, 1))
        failure.headers[.accessControlExposeHeaders] = CrossOrigin.exposed
        return failure
    }
}

/// An error of a service that knows what it means to a client.
protocol ClientFacingError: Error {
    var failure: ClientFailure { get }
    /// Whether the operator has to hear of it from the log, because nothing else tells.
    var concernsOperator: Bool { get }
}

extension ClientFacingError {
    var concernsOperator: Bool { false }
}

extension ClientFailure {
    /// What a client is told of any error. Of one that concerns the operator, the log tells more.
    package static func of(_ error: any Error, in context: ClientContext) -> ClientFailure {
        let (failure, concernsOperator) = describing(error)
        if concernsOperator {
            context.logger.error(
                "a request failed inside the server",
                metadata: ["route": "\(context.endpointPath ?? "none")", "reason": "\(error)"])
        }
        return failure
    }

    /// What a client is told of any error, and whether the log has to tell the operator. Of an error that nobody foresaw a client is
    /// told nothing but that.
    static func describing(_ error: any Error) -> (failure: ClientFailure, concernsOperator: Bool) {
        switch error {
        case let failure as ClientFailure: (failure, false)
        case let error as any ClientFacingError: (error.failure, error.concernsOperator)
        case is CancellationError: (ClientFailure(.serviceUnavailable, .unknown, "The server is shutting down."), false)
        default: (ClientFailure(.internalServerError, .unknown, "Something went wrong inside the server."), true)
        }
    }
}

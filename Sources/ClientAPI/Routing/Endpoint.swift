import HTTPTypes
import HearthMedia
import HearthRuntime
import HearthServices
import MatrixModel

/// One method at one or more paths of the client-server API: reads the request, calls a service, writes the answer, nothing else.
protocol Endpoint: Sendable {
    static var method: HTTPRequest.Method { get }
    /// The methods that it is called with: where ``method`` is GET, by default HEAD as well, which is answered with what would come before
    /// the body ([RFC 9110, 9.3.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2)).
    static var methods: [HTTPRequest.Method] { get }
    /// Patterns as ``RouteTable`` takes them; ``Paths`` makes them.
    static var paths: [String] { get }
    /// By default, what is asked for with GET reads, and all else changes something.
    static var workload: Workload { get }

    static func answer(_ call: ClientCall) async throws -> ClientAnswer
}

extension Endpoint {
    static var methods: [HTTPRequest.Method] { method == .get ? [.get, .head] : [method] }
    static var workload: Workload { method == .get ? .read : .change }
}

/// An endpoint for logged-in users: it is not reached without a valid access token.
protocol UserEndpoint: Endpoint {
    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer
}

extension UserEndpoint {
    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        try await answer(call, by: call.requester())
    }
}

/// An endpoint whose request is a file: its body is handed on as it comes, and is not bounded by what JSON may have.
///
/// After an error the connection is closed: the rest of a file is not worth reading.
protocol UploadEndpoint: UserEndpoint {
    static func answer(_ call: ClientCall, upload: Upload<RequestBytes>, by requester: Requester) async throws -> ClientAnswer
}

extension UploadEndpoint {
    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try await answer(call, upload: call.upload(), by: requester)
    }
}

/// An endpoint that answers with a file.
protocol DownloadEndpoint: Endpoint {}

extension DownloadEndpoint {
    static var method: HTTPRequest.Method { .get }
}

/// The prefixes under which endpoints are served.
enum Paths {
    /// What is in the spec since before v1.1: under `r0` and `v3`.
    static func stable(_ path: String) -> [String] { ["/_matrix/client/v3/\(path)", "/_matrix/client/r0/\(path)"] }

    /// What came to the spec with a version of its own.
    static func v1(_ path: String) -> [String] { ["/_matrix/client/v1/\(path)"] }

    /// What serves files, and is in the spec since before v1.1.
    static func media(_ path: String) -> [String] { ["/_matrix/media/v3/\(path)", "/_matrix/media/r0/\(path)"] }

    static func unstable(_ path: String) -> [String] { ["/_matrix/client/unstable/\(path)"] }
}

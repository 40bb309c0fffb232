import ClientAPI
import HTTPTypes

/// One method at one path of the admin API. It is not reached by anybody but administrators.
protocol AdminEndpoint: Sendable {
    static var method: HTTPRequest.Method { get }
    /// A pattern as ``RouteTable`` takes it, below ``AdminAPI/prefix``.
    static var path: String { get }

    static func answer(_ call: AdminCall) async throws -> ClientAnswer
}

extension AdminEndpoint {
    static var pattern: String { AdminAPI.prefix + path }
}

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
    /// What is read with GET can be asked about with HEAD.
    static var methods: [HTTPRequest.Method] { method == .get ? [.get, .head] : [method] }

    static var pattern: String { AdminAPI.prefix + path }
}

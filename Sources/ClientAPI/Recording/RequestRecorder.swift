import HTTPTypes
public import HearthRuntime
import HearthServices
public import HearthSettings
import Logging
import MatrixModel
import NIOCore

/// Gives every request an id, and its answer one line in the log at debug level and a place in the metrics.
///
/// Of a request it records method, path pattern, status, time and user: never the path, which names rooms and people, nor anything
/// that was sent.
public struct RequestRecorder: Sendable {
    private let trustedProxies: [IPNetwork]
    private let metrics: ServerMetrics

    public init(trustedProxies: [IPNetwork], metrics: ServerMetrics) {
        self.trustedProxies = trustedProxies
        self.metrics = metrics
    }

    /// The id of a request: a sane one from a trusted proxy's `X-Request-ID`, else a new one.
    func id(of headers: HTTPFields, over channel: any Channel) -> String {
        guard !trustedProxies.isEmpty, let given = headers[.xRequestID],
            let peer = channel.remoteAddress?.ipAddress.flatMap({ IPAddress($0) }),
            trustedProxies.contains(where: { $0.contains(peer) })
        else { return RequestID.make() }
        return RequestID.accepting(given) ?? RequestID.make()
    }

    /// A request was answered.
    ///
    /// - Parameter pattern: the path that was matched; nil where nothing is served.
    /// - Parameter logger: one that names the request's id.
    func answered(
        _ method: HTTPRequest.Method, pattern: String?, status: Int, for user: UserID?, took: Duration, logger: Logger
    ) {
        let method = EndpointLabel.method(method)
        metrics.requestWasAnswered(EndpointLabel.text(method: method, pattern: pattern), status: status, took: took)
        guard logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [
            "method": "\(method)", "route": "\(pattern ?? "none")", "status": "\(status)",
            "ms": "\(Double(Int(took / .microseconds(1))) / 1000)",
        ]
        if let user { metadata["user"] = "\(user)" }
        logger.debug("request", metadata: metadata)
    }
}

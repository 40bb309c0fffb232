public import ClientAPI
import HTTPTypes
public import Hummingbird
import NIOCore

/// GET /metrics: everything that the server counts, as Prometheus reads it. Anything else is 404.
public struct MetricsResponder: HTTPResponder {
    public typealias Context = ClientContext

    /// Version 0.0.4 of the [text format](https://prometheus.io/docs/instrumenting/exposition_formats/).
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let render: @Sendable () -> String

    /// - Parameter render: measures and writes.
    public init(render: @escaping @Sendable () -> String) { self.render = render }

    public func respond(to request: Request, context: ClientContext) async throws -> Response {
        guard request.uri.path == "/metrics" else { return ClientAnswer(.unknownPath).response(on: context.channel) }
        context.coreContext.endpointPath.value = "/metrics"
        guard request.method == .get || request.method == .head else {
            return ClientAnswer(.wrongMethod(served: ["GET", "HEAD"])).response(on: context.channel)
        }
        let response = Response(
            status: .ok, headers: [.contentType: Self.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: render())))
        return request.method == .head ? response.createHeadResponse() : response
    }
}

import HTTPTypes
public import Hummingbird
import NIOCore

/// Serves the board, Hearth's web page, and hands every other request to the client-server API behind it.
///
/// The page is a Matrix client like any other: static files, which call the documented endpoints and nothing else. It is served
/// where the API is, so that it needs no configuration and its content security policy can name `'self'` alone.
public struct BoardResponder<Client: HTTPResponder>: HTTPResponder {
    public typealias Context = Client.Context

    private let client: Client
    private let assets: [String: BoardAsset]

    /// - Parameter isEnabled: `board.enabled`; without it everything goes to `client`.
    public init(before client: Client, isEnabled: Bool) {
        self.client = client
        assets = isEnabled ? Dictionary(uniqueKeysWithValues: BoardAssets.all.map { ($0.path, $0) }) : [:]
    }

    public func respond(to request: Request, context: Context) async throws -> Response {
        guard request.method == .get || request.method == .head, let asset = assets[request.uri.path] else {
            return try await client.respond(to: request, context: context)
        }
        let response = Self.response(asset, ifNoneMatch: request.headers[.ifNoneMatch])
        return request.method == .head ? response.createHeadResponse() : response
    }

    private static func response(_ asset: BoardAsset, ifNoneMatch: String?) -> Response {
        var headers = BoardPolicy.headers
        headers[.eTag] = asset.entityTag
        if let ifNoneMatch, asset.isHeld(by: ifNoneMatch) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = asset.contentType
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}

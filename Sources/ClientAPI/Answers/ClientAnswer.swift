import HTTPTypes
import Hummingbird
import MatrixModel
import NIOCore

/// What an endpoint answers: JSON, whole and in memory.
struct ClientAnswer: Sendable {
    var status: HTTPResponse.Status = .ok
    var headers: HTTPFields = [:]
    var body: [UInt8]
    var closesConnection = false

    /// `{}`
    static let empty = ClientAnswer([:])

    init(_ json: JSONObject) { body = json.bytes }

    init(bytes: [UInt8]) { body = bytes }

    init(_ failure: ClientFailure) {
        status = failure.status
        headers = failure.headers
        body = failure.body.bytes
        closesConnection = failure.closesConnection
    }

    /// An object written member by member.
    static func object(_ members: (inout JSONStream) -> Void) -> ClientAnswer {
        ClientAnswer(bytes: JSONStream.object(members))
    }

    /// The response; every one carries the headers for browsers.
    ///
    /// - Parameter channel: closed for reading after the last byte, where the rest of the request is not worth reading.
    func response(on channel: any Channel) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers.append(contentsOf: CrossOrigin.headers)
        guard closesConnection else {
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        }
        headers[.connection] = "close"
        let bytes = ByteBuffer(bytes: body)
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: bytes.readableBytes) { writer in
                try await writer.write(bytes)
                try await writer.finish(nil)
                channel.close(mode: .input, promise: nil)
            })
    }
}

/// What browsers need to let a web client read an answer.
///
/// [Web browser clients](https://spec.matrix.org/v1.16/client-server-api/#web-browser-clients).
enum CrossOrigin {
    static let headers: HTTPFields = [
        .accessControlAllowOrigin: "*",
        .accessControlAllowMethods: "GET, POST, PUT, DELETE, OPTIONS",
        .accessControlAllowHeaders: "X-Requested-With, Content-Type, Authorization",
    ]
}

/// How an answer says that the way it was asked for is going away.
enum LegacyNotice {
    /// When presence outside of profile rooms was deprecated: 2026-01-01T00:00:00Z, as [RFC 9745](https://www.rfc-editor.org/rfc/rfc9745)
    /// writes it.
    static let deprecatedSince = "@1767225600"

    static func add(to answer: inout ClientAnswer) { answer.headers[.deprecation] = deprecatedSince }
}

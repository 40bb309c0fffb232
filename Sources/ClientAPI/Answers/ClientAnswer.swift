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

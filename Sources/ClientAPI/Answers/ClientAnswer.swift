package import HTTPTypes
import HearthRuntime
import HearthServices
package import Hummingbird
package import MatrixModel
package import NIOCore

/// What an endpoint answers: JSON, whole and in memory, or a file that is read while it is sent.
package struct ClientAnswer: Sendable {
    package var status: HTTPResponse.Status = .ok
    var headers: HTTPFields = [:]
    var content: Content
    var closesConnection = false
    /// The memory that a large body takes until its reader has it.
    var loan: MemoryLoan?

    /// What may wait for its reader at once and as a whole. Of larger ones so much at a time, when the reader has taken what came before.
    static let pieceSize = 64 * 1024

    /// Nothing in JSON is for a cache: most of it is one user's, some of it secret, and all of it out of date soon.
    private static let noStore = "no-store"

    enum Content: Sendable {
        case json([UInt8])
        case file(FileContent)
        case nothing
    }

    /// `{}`
    package static let empty = ClientAnswer([:])

    init(content: Content) { self.content = content }

    package init(_ json: JSONObject) { content = .json(json.bytes) }

    init(bytes: [UInt8]) { content = .json(bytes) }

    package init(_ failure: ClientFailure) {
        status = failure.status
        headers = failure.headers
        content = .json(failure.body.bytes)
        closesConnection = failure.closesConnection
    }

    /// An object written member by member.
    static func object(_ members: (inout JSONStream) -> Void) -> ClientAnswer {
        ClientAnswer(bytes: JSONStream.object(members))
    }

    /// The whole answer as it goes over an HTTP/1.1 connection, for one that is in memory and leaves the connection open; nil for others.
    ///
    /// - Parameter method: HEAD is answered with what would come before the body.
    func bytes(with fields: [HTTPField], to method: HTTPRequest.Method) -> ByteBuffer? {
        guard case .json(let body) = content, !closesConnection else { return nil }
        let common = Self.commonFields
        var bytes = ByteBuffer()
        bytes.reserveCapacity(body.count + common.readableBytes + 512)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString("\(status)\r\n")
        for field in headers { Self.write(field, to: &bytes) }
        for field in fields { Self.write(field, to: &bytes) }
        bytes.writeImmutableBuffer(common)
        bytes.writeString("\(body.count)\r\n\r\n")
        if method != .head { bytes.writeBytes(body) }
        return bytes
    }

    /// Of the head of an answer in JSON what is always the same; it ends where the number of bytes follows.
    private static let commonFields: ByteBuffer = {
        var bytes = ByteBuffer()
        for field in CrossOrigin.headers { write(field, to: &bytes) }
        write(HTTPField(name: .contentType, value: "application/json"), to: &bytes)
        write(HTTPField(name: .cacheControl, value: noStore), to: &bytes)
        bytes.writeString("\(HTTPField.Name.contentLength): ")
        return bytes
    }()

    private static func write(_ field: HTTPField, to bytes: inout ByteBuffer) {
        bytes.writeString(field.name.rawName)
        bytes.writeStaticString(": ")
        bytes.writeString(field.value)
        bytes.writeStaticString("\r\n")
    }

    /// The response; every one carries the headers for browsers.
    ///
    /// - Parameter channel: told when the last answer is written, where the rest of the request is not worth reading.
    package func response(on channel: any Channel) -> Response {
        var headers = headers
        headers.append(contentsOf: CrossOrigin.headers)
        let bytes: ByteBuffer
        switch content {
        case .file(let content): return Response(status: status, headers: headers, body: content.body)
        case .nothing: return Response(status: status, headers: headers)
        case .json(let body):
            headers[.contentType] = "application/json"
            headers[.cacheControl] = Self.noStore
            bytes = ByteBuffer(bytes: body)
        }
        guard closesConnection else {
            let isSmall = bytes.readableBytes <= AnswerMemory.small
            let body = isSmall ? ResponseBody(byteBuffer: bytes) : Self.inPieces(bytes, loan: loan)
            return Response(status: status, headers: headers, body: body)
        }
        headers[.connection] = "close"
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: bytes.readableBytes) { writer in
                try await writer.write(bytes)
                try await writer.finish(nil)
                channel.triggerUserOutboundEvent(LastAnswerWritten(), promise: nil)
            })
    }

    private static func inPieces(_ bytes: ByteBuffer, loan: MemoryLoan?) -> ResponseBody {
        ResponseBody(contentLength: bytes.readableBytes) { writer in
            // By now nothing else is left of what it was made of.
            loan?.shrink(to: bytes.readableBytes)
            var rest = bytes
            while let piece = rest.readSlice(length: min(pieceSize, rest.readableBytes)), piece.readableBytes > 0 {
                try await writer.write(piece)
            }
            try await writer.finish(nil)
            withExtendedLifetime(loan) {}
        }
    }
}

/// Sent down a channel when its last answer is written although the request is not read to its end.
///
/// From then on, what becomes of that request is no error. Without this, the HTTP server takes the end of reading for a broken request
/// and writes a second answer, 400, behind the one that closes the connection; strict clients then see neither.
struct LastAnswerWritten: Sendable {}

import AsyncHTTPClient
import MatrixModel
import NIOCore
import NIOHTTP1

/// An answer whose body need not be JSON.
public struct FileResponse: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let bytes: [UInt8]

    /// The first header of this name, in any case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }

    /// The body as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension MatrixClient {
    /// Sends a request with a body of any kind and returns the answer whatever it is.
    public func file(
        _ method: String, _ path: MatrixPath, query: [String: String] = [:], headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> FileResponse {
        let target = path.description + Self.suffix(query)
        let response = try await send(method, target, headers: headers, body: body.map { .bytes(ByteBuffer(bytes: $0)) })
        let bytes = Array(try await response.body.collect(upTo: 64 * 1024 * 1024).readableBytesView)
        let answer = FileResponse(
            status: Int(response.status.code),
            headers: response.headers.map { (name: $0.name.lowercased(), value: $0.value) }, bytes: bytes)
        try ExchangeRecorder.shared?.record(
            method: method, target: target, requestBody: body ?? [], status: answer.status, headers: answer.headers,
            answerBody: bytes)
        return answer
    }

    /// Uploads a file and returns where it is found: `SERVER/MEDIA_ID`.
    public func upload(
        _ bytes: [UInt8], contentType: String = "application/octet-stream", fileName: String? = nil
    ) async throws -> String {
        let response = try await file(
            "POST", "/_matrix/media/v3/upload", query: fileName.map { ["filename": $0] } ?? [:],
            headers: ["Content-Type": contentType], body: bytes)
        return try Self.mediaPath(in: response)
    }

    /// Uploads so many bytes, piece by piece, each of which this makes from its offset.
    public func upload(size: Int, piece: @escaping @Sendable (_ offset: Int, _ count: Int) -> [UInt8]) async throws -> String {
        let response = try await send(
            "POST", "/_matrix/media/v3/upload", headers: [:],
            body: .stream(Pieces(size: size, make: piece), length: .known(Int64(size))))
        let bytes = Array(try await response.body.collect(upTo: 1024 * 1024).readableBytesView)
        return try Self.mediaPath(in: FileResponse(status: Int(response.status.code), headers: [], bytes: bytes))
    }

    /// Downloads a file and hands on its pieces as they come; returns the status.
    public func download(_ media: String, _ take: (_ piece: [UInt8]) throws -> Void) async throws -> Int {
        let response = try await send(
            "GET", "/_matrix/client/v1/media/download/\(media)", headers: [:], body: nil)
        for try await piece in response.body { try take(Array(piece.readableBytesView)) }
        return Int(response.status.code)
    }

    private static func suffix(_ query: [String: String]) -> String {
        let pairs = query.sorted { $0.key < $1.key }.map { "\($0.key.percentEncoded)=\($0.value.percentEncoded)" }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    private func send(
        _ method: String, _ target: String, headers: [String: String], body: HTTPClientRequest.Body?
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: try baseURL() + target)
        request.method = HTTPMethod(rawValue: method)
        if let session { request.headers.add(name: "Authorization", value: "Bearer \(session.accessToken)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = body
        return try await Self.http.execute(request, timeout: .seconds(120))
    }

    private static func mediaPath(in response: FileResponse) throws -> String {
        let json = try JSON(parsing: response.bytes)
        guard response.status == 200, let uri = json["content_uri"]?.stringValue, uri.hasPrefix("mxc://") else {
            throw UnexpectedResponse("an upload was answered with \(response.status): \(response.text)")
        }
        return String(uri.dropFirst(6))
    }
}

/// A body that is made while it is sent.
private struct Pieces: AsyncSequence, Sendable {
    static let largest = 256 * 1024

    let size: Int
    let make: @Sendable (_ offset: Int, _ count: Int) -> [UInt8]

    struct AsyncIterator: AsyncIteratorProtocol {
        let pieces: Pieces
        var offset = 0

        mutating func next() async -> ByteBuffer? {
            guard offset < pieces.size else { return nil }
            let count = Swift.min(Pieces.largest, pieces.size - offset)
            defer { offset += count }
            return ByteBuffer(bytes: pieces.make(offset, count))
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: self) }
}

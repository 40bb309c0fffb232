import HTTPTypes
import HearthMedia
import HearthRuntime
import HearthServices
import Hummingbird

/// The body of a request as the bytes come: for the endpoints that take files, which never hold one in memory.
struct RequestBytes: UploadBody {
    let body: RequestBody
    let admission: Admission
    /// Called before the first byte is waited for.
    let isWanted: @Sendable () -> Void

    struct AsyncIterator: AsyncIteratorProtocol {
        var bytes: RequestBody.AsyncIterator
        let admission: Admission
        var isWanted: (@Sendable () -> Void)?

        mutating func next() async throws -> [UInt8]? {
            isWanted?()
            isWanted = nil
            return try await admission.asleep { try await bytes.next() }.map { Array($0.readableBytesView) }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(bytes: body.makeAsyncIterator(), admission: admission, isWanted: isWanted)
    }
}

extension Upload<RequestBytes> {
    /// What is taken for the type of a file that tells none, or none that fits into a header again.
    private static let unknownType = "application/octet-stream"
    private static let longestType = 255

    /// - Throws: 400 `M_INVALID_PARAM` for a file name that is too long.
    init(_ body: RequestBytes, headers: HTTPFields, query: QueryParameters) throws(ClientFailure) {
        let fileName = query["filename"].flatMap { $0.isEmpty ? nil : $0 }
        guard fileName?.utf8.count ?? 0 <= MediaService.longestFileName else {
            throw .invalidParameter("\"filename\" has at most \(MediaService.longestFileName) bytes.")
        }
        let type = headers[.contentType] ?? ""
        let isSound = (1...Self.longestType).contains(type.utf8.count) && type.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        self.init(
            body: body, announcedSize: headers[.contentLength].flatMap { Int($0) },
            contentType: isSound ? type : Self.unknownType, fileName: fileName)
    }
}

import HTTPTypes
import HearthMedia
import HearthServices
import Hummingbird
import NIOCore

/// A file, or a part of it, that is read as the client takes it: memory does not grow with it.
struct FileContent: Sendable {
    /// Bytes that are in memory for one download at a time.
    private static let blockSize = 128 * 1024

    let file: OpenFile
    let range: Range<Int64>

    var body: ResponseBody {
        let (file, range) = (file, range)
        return ResponseBody(contentLength: range.count) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let count = Int(min(Int64(Self.blockSize), range.upperBound - offset))
                let bytes = try await file.read(at: offset, count: count)
                // A file that ends too early cannot be told but by breaking off.
                guard !bytes.isEmpty else { throw MediaError.notFound }
                offset += Int64(bytes.count)
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            try await writer.finish(nil)
        }
    }
}

extension ClientAnswer {
    /// A file that users uploaded, or what was made of one: with the headers that keep a browser from running anything in it.
    ///
    /// [Serving inline content](https://spec.matrix.org/v1.16/client-server-api/#serving-inline-content). Content never changes, so that
    /// what has it need not ask again.
    ///
    /// - Parameter tag: names the bytes.
    static func file(
        _ file: OpenFile, contentType: String, disposition: String, tag: String, for call: ClientCall
    ) -> ClientAnswer {
        var answer = ClientAnswer(content: .file(FileContent(file: file, range: 0..<file.size)))
        let entityTag = "\"\(tag)\""
        answer.headers = [
            .contentType: contentType, .contentDisposition: disposition, .acceptRanges: "bytes", .eTag: entityTag,
            .cacheControl: "private, max-age=31536000, immutable", .contentSecurityPolicy: contentSecurityPolicy,
            .xContentTypeOptions: "nosniff", .crossOriginResourcePolicy: "cross-origin",
        ]
        if let held = call.headers[.ifNoneMatch], EntityTags(held).contain(entityTag) {
            answer.status = .notModified
            answer.content = .nothing
            return answer
        }
        let isStale = call.headers[.ifRange].map { $0 != entityTag } ?? false
        switch isStale ? .whole : ByteRange(call.headers[.range], size: file.size) {
        case .whole: break
        case .part(let range):
            answer.status = .partialContent
            answer.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
            answer.content = .file(FileContent(file: file, range: range))
        case .unsatisfiable:
            answer = ClientAnswer(.invalidParameter("The file has \(file.size) bytes; none of them was asked for."))
            answer.status = .rangeNotSatisfiable
            answer.headers[.contentRange] = "bytes */\(file.size)"
        }
        return answer
    }

    /// As the spec recommends it.
    static let contentSecurityPolicy =
        "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; object-src 'self';"
}

extension HTTPField.Name {
    static let crossOriginResourcePolicy = known("Cross-Origin-Resource-Policy")
}

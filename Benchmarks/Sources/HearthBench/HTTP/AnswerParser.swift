import NIOCore

/// Takes HTTP/1.1 answers out of a stream of bytes: bodies of a length or in chunks. No more of HTTP than homeservers use.
struct AnswerParser {
    struct Malformed: Error {}

    private var buffer = ByteBuffer()

    mutating func append(_ bytes: ByteBuffer) {
        var bytes = bytes
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
    }

    /// The next whole answer; nil until all of it is there.
    mutating func next() throws -> HTTPAnswer? {
        let view = buffer.readableBytesView
        guard let headEnd = Self.end(of: [13, 10, 13, 10], in: view, from: view.startIndex) else { return nil }
        let head = String(decoding: view[..<headEnd], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        guard let first = lines.first, let status = Int(first.dropFirst(9).prefix(3)) else { throw Malformed() }
        var length = 0
        var isChunked = false
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Malformed() }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon].lowercased() {
            case "content-length": length = Int(value) ?? 0
            case "transfer-encoding": isChunked = value.lowercased() == "chunked"
            default: break
            }
        }
        if isChunked { return try chunked(status, view: view, from: headEnd) }
        guard view.endIndex - headEnd >= length else { return nil }
        let body = ByteBuffer(view[headEnd..<headEnd + length])
        buffer.moveReaderIndex(forwardBy: headEnd + length - view.startIndex)
        return HTTPAnswer(status: status, body: body)
    }

    private mutating func chunked(_ status: Int, view: ByteBufferView, from start: Int) throws -> HTTPAnswer? {
        var body = ByteBuffer()
        var at = start
        while true {
            guard let lineEnd = Self.end(of: [13, 10], in: view, from: at) else { return nil }
            guard let size = Int(String(decoding: view[at..<lineEnd - 2], as: UTF8.self), radix: 16) else { throw Malformed() }
            guard view.endIndex >= lineEnd + size + 2 else { return nil }
            body.writeBytes(view[lineEnd..<lineEnd + size])
            at = lineEnd + size + 2
            if size == 0 { break }
        }
        buffer.moveReaderIndex(forwardBy: at - view.startIndex)
        return HTTPAnswer(status: status, body: body)
    }

    private static func end(of pattern: [UInt8], in view: ByteBufferView, from start: Int) -> Int? {
        view.withUnsafeBytes { bytes in
            var index = start - view.startIndex
            while index + pattern.count <= bytes.count {
                if bytes[index] == pattern[0], (1..<pattern.count).allSatisfy({ bytes[index + $0] == pattern[$0] }) {
                    return view.startIndex + index + pattern.count
                }
                index += 1
            }
            return nil
        }
    }
}

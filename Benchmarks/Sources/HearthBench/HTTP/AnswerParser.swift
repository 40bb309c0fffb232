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
        let start = buffer.readerIndex
        guard let blank = buffer.firstIndex(of: Self.headEnd) else { return nil }
        let bodyStart = blank + Self.headEnd.count
        guard let code = buffer.getString(at: start + 9, length: 3), let status = Int(code) else { throw Malformed() }
        let fields = try fields(from: start, to: blank)
        if fields.isChunked { return try chunked(status, from: bodyStart) }
        guard let body = buffer.getSlice(at: bodyStart, length: fields.length) else { return nil }
        buffer.moveReaderIndex(to: bodyStart + fields.length)
        return HTTPAnswer(status: status, body: body)
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let lineEnd = Array("\r\n".utf8)
    private static let lengthField = Array("content-length:".utf8)
    private static let encodingField = Array("transfer-encoding:".utf8)

    private func fields(from start: Int, to end: Int) throws -> (length: Int, isChunked: Bool) {
        var (length, isChunked) = (0, false)
        var line = start
        while let next = buffer.firstIndex(of: Self.lineEnd, from: line), next < end {
            line = next + 2
            if let value = value(of: Self.lengthField, at: line) {
                guard let number = Int(value) else { throw Malformed() }
                length = number
            } else if let value = value(of: Self.encodingField, at: line) {
                isChunked = value.lowercased() == "chunked"
            }
        }
        return (length, isChunked)
    }

    /// The text after a field's name, if the line begins with that name in any case.
    private func value(of field: [UInt8], at line: Int) -> String? {
        let view = buffer.readableBytesView
        guard line + field.count < view.endIndex else { return nil }
        for (offset, byte) in field.enumerated() where view[line + offset] | 0x20 != byte | 0x20 { return nil }
        guard let end = buffer.firstIndex(of: Self.lineEnd, from: line) else { return nil }
        var at = line + field.count
        while view[at] == UInt8(ascii: " ") { at += 1 }
        return buffer.getString(at: at, length: end - at)
    }

    private mutating func chunked(_ status: Int, from start: Int) throws -> HTTPAnswer? {
        var body = ByteBuffer()
        var at = start
        while true {
            guard let lineEnd = buffer.firstIndex(of: Self.lineEnd, from: at) else { return nil }
            guard let line = buffer.getString(at: at, length: lineEnd - at), let size = Int(line, radix: 16) else {
                throw Malformed()
            }
            guard let chunk = buffer.getSlice(at: lineEnd + 2, length: size), buffer.writerIndex >= lineEnd + 2 + size + 2
            else { return nil }
            body.writeImmutableBuffer(chunk)
            at = lineEnd + 2 + size + 2
            if size == 0 { break }
        }
        buffer.moveReaderIndex(to: at)
        return HTTPAnswer(status: status, body: body)
    }
}

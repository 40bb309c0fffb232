import NIOCore

/// Reads one line of at most 64 KiB from a connection.
enum LineReader {
    static let longest = 65_536

    /// The bytes before the first line feed; nil when the connection ends, or the line grows too long, before there is one.
    static func line(from inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws -> [UInt8]? {
        var line: [UInt8] = []
        for try await chunk in inbound {
            for byte in chunk.readableBytesView {
                if byte == UInt8(ascii: "\n") { return line }
                guard line.count < longest else { return nil }
                line.append(byte)
            }
        }
        return nil
    }
}

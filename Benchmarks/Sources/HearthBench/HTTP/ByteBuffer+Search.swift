import Foundation
import NIOCore

extension ByteBuffer {
    /// Where these bytes first occur at or after an index of the reader; nil where they don't.
    func firstIndex(of bytes: [UInt8], from start: Int? = nil) -> Int? {
        let skipped = (start ?? readerIndex) - readerIndex
        guard skipped >= 0, let first = bytes.first else { return nil }
        return withUnsafeReadableBytes { text in
            guard let base = text.baseAddress else { return nil }
            var at = skipped
            while at + bytes.count <= text.count {
                let rest = text.count - bytes.count + 1 - at
                guard let found = memchr(base + at, Int32(first), rest) else { return nil }
                at = UnsafeRawPointer(found) - base
                if memcmp(base + at, bytes, bytes.count) == 0 { return readerIndex + at }
                at += 1
            }
            return nil
        }
    }

    /// Whether these bytes occur anywhere.
    func contains(_ bytes: [UInt8]) -> Bool { firstIndex(of: bytes) != nil }

    /// The value of the first member of this name that is a string: no escapes are expected in it.
    func string(_ name: String) -> String? {
        let key = Array("\"\(name)\"".utf8)
        guard let found = firstIndex(of: key) else { return nil }
        let text = readableBytesView
        var at = found + key.count
        while at < text.endIndex, text[at] == UInt8(ascii: ":") || text[at] == UInt8(ascii: " ") { at += 1 }
        guard at < text.endIndex, text[at] == UInt8(ascii: "\""), let end = firstIndex(of: [UInt8(ascii: "\"")], from: at + 1)
        else { return nil }
        return getString(at: at + 1, length: end - at - 1)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Where the value of one member stands in the canonical form of an object; nil when there is no such member.
    ///
    /// For bytes that are known to be canonical, such as a stored event's: a value that is only passed on is cut out, and nothing is
    /// parsed. Of other bytes it says nothing reliable, but it never reads beyond them.
    ///
    /// - Parameter key: a key without anything to escape.
    package func canonicalMember(_ key: StaticString) -> Range<Int>? {
        var offset = 1
        while offset < count, self[offset] == UInt8(ascii: "\"") {
            let start = offset + 1
            let end = endOfString(at: offset)
            let value = end + 1
            let next = endOfValue(at: value)
            guard value < next, next <= count else { return nil }
            if isKey(key, from: start, to: end - 1) { return value..<next }
            offset = next + 1
        }
        return nil
    }

    private func isKey(_ key: StaticString, from start: Int, to end: Int) -> Bool {
        guard end - start == key.utf8CodeUnitCount else { return false }
        return (0..<key.utf8CodeUnitCount).allSatisfy { self[start + $0] == key.utf8Start[$0] }
    }

    /// Behind the closing quote of the string that begins here.
    private func endOfString(at start: Int) -> Int {
        var offset = start + 1
        while offset < count, self[offset] != UInt8(ascii: "\"") { offset += self[offset] == UInt8(ascii: "\\") ? 2 : 1 }
        return offset + 1
    }

    /// Behind the value that begins here.
    private func endOfValue(at start: Int) -> Int {
        var offset = start
        var depth = 0
        while offset < count {
            switch self[offset] {
            case UInt8(ascii: "\""):
                offset = endOfString(at: offset)
                if depth == 0 { return offset }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // The end of the object around a number or a word.
                if depth == 0 { return offset }
                depth -= 1
                if depth == 0 { return offset + 1 }
            case UInt8(ascii: ",") where depth == 0: return offset
            default: break
            }
            offset += 1
        }
        return offset
    }
}

/// Byte-exact comparison of strings.
///
/// Swift's `==` and `<` on `String` follow Unicode canonical equivalence: "é" composed and "é" decomposed are equal to them.
/// Matrix compares code points, so that two such keys are different. Everything in Hearth that compares text from the wire
/// compares its UTF-8 bytes through these functions. They are on every path, so they compare eight bytes at a time.
extension String {
    /// Whether both strings have the same UTF-8 bytes.
    public func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return withBytes(of: other) { $0.isSame($1) } ?? utf8.elementsEqual(other.utf8)
    }

    /// Whether this string's UTF-8 bytes sort before the other's: the key order of canonical JSON.
    ///
    /// UTF-8 keeps the order of code points, so this is also the order by code point that the spec asks for.
    public func precedesInBytes(_ other: String) -> Bool {
        withBytes(of: other) { $0.precedes($1) } ?? utf8.lexicographicallyPrecedes(other.utf8)
    }

    package func hashBytes(into hasher: inout Hasher) {
        let isHashed: Void? = utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if isHashed == nil { for byte in utf8 { hasher.combine(byte) } }
        hasher.combine(0xFF as UInt8)
    }

    /// Both strings' bytes; nil where one of them is not stored as UTF-8 (bridged from another language).
    private func withBytes(of other: String, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool) -> Bool? {
        let result = utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer(mine), UnsafeRawBufferPointer($0)) }
        }
        return result ?? nil
    }
}

extension Substring {
    /// Whether both texts have the same UTF-8 bytes.
    public func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let result = utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer(mine).isSame(UnsafeRawBufferPointer($0)) }
        }
        return result.flatMap { $0 } ?? utf8.elementsEqual(other.utf8)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether another buffer of the same size holds the same bytes.
    fileprivate func isSame(_ other: Self) -> Bool {
        firstDifferentWord(in: other) == nil && (count & ~7..<count).allSatisfy { self[$0] == other[$0] }
    }

    /// Whether these bytes come before the other's in the order of bytes; a beginning comes before the whole.
    fileprivate func precedes(_ other: Self) -> Bool {
        if let (mine, theirs) = firstDifferentWord(in: other) { return mine < theirs }
        let common = Swift.min(count, other.count)
        for index in common & ~7..<common where self[index] != other[index] { return self[index] < other[index] }
        return count < other.count
    }

    /// The first eight aligned bytes, as numbers in the order of bytes, in which the common part of both differs; what does not
    /// fill eight bytes at its end is left out.
    private func firstDifferentWord(in other: Self) -> (UInt64, UInt64)? {
        var offset = 0
        let end = Swift.min(count, other.count) & ~7
        while offset < end {
            let mine = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let theirs = other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if mine != theirs { return (mine.bigEndian, theirs.bigEndian) }
            offset += 8
        }
        return nil
    }
}

/// Byte-exact comparison of strings.
///
/// Swift's `==` and `<` on `String` follow Unicode canonical equivalence: "é" composed and "é" decomposed are equal to them.
/// Matrix compares code points, so that two such keys are different. Everything in Hearth that compares text from the wire
/// compares its UTF-8 bytes through these functions.
extension String {
    /// Whether both strings have the same UTF-8 bytes.
    public func hasSameBytes(as other: String) -> Bool {
        let same = utf8.withContiguousStorageIfAvailable { ours in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                UnsafeRawBufferPointer(ours).hasSameBytes(as: UnsafeRawBufferPointer(theirs))
            }
        }
        return (same ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// Whether this string's UTF-8 bytes sort before the other's: the key order of canonical JSON.
    ///
    /// UTF-8 keeps the order of code points, so this is also the order by code point that the spec asks for.
    @inlinable
    public func precedesInBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    @inlinable
    package func hashBytes(into hasher: inout Hasher) {
        var copy = self
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension UnsafeRawBufferPointer {
    /// Compares eight bytes at a time: ids are compared wherever one is looked up.
    fileprivate func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        if count != other.count { return false }
        var at = 0
        while at + 8 <= count {
            if loadUnaligned(fromByteOffset: at, as: UInt64.self) != other.loadUnaligned(fromByteOffset: at, as: UInt64.self) {
                return false
            }
            at += 8
        }
        while at < count {
            if self[at] != other[at] { return false }
            at += 1
        }
        return true
    }
}

/// Reads numbers from untrusted bytes. An offset past the end throws ``ByteReaderEnd`` and never traps.
struct ByteReader<Bytes: RandomAccessCollection> where Bytes.Element == UInt8 {
    private let bytes: Bytes

    init(_ bytes: Bytes) { self.bytes = bytes }

    func byte(at offset: Int) throws(ByteReaderEnd) -> UInt8 {
        guard (0..<bytes.count).contains(offset) else { throw ByteReaderEnd() }
        return bytes[bytes.index(bytes.startIndex, offsetBy: offset)]
    }

    func big16(at offset: Int) throws(ByteReaderEnd) -> Int {
        Int(try byte(at: offset)) << 8 | Int(try byte(at: offset + 1))
    }

    func big32(at offset: Int) throws(ByteReaderEnd) -> Int { try big16(at: offset) << 16 | big16(at: offset + 2) }

    func little16(at offset: Int) throws(ByteReaderEnd) -> Int {
        Int(try byte(at: offset)) | Int(try byte(at: offset + 1)) << 8
    }

    func little24(at offset: Int) throws(ByteReaderEnd) -> Int {
        try little16(at: offset) | Int(byte(at: offset + 2)) << 16
    }

    func little32(at offset: Int) throws(ByteReaderEnd) -> Int { try little16(at: offset) | little16(at: offset + 2) << 16 }

    func holds(_ text: StaticString, at offset: Int) throws(ByteReaderEnd) -> Bool {
        for (index, wanted) in "\(text)".utf8.enumerated() where try byte(at: offset + index) != wanted { return false }
        return true
    }
}

extension ByteReader where Bytes.SubSequence: RandomAccessCollection {
    /// A reader of a part, which ends with the part or with the bytes.
    func part(at offset: Int, count: Int) -> ByteReader<Bytes.SubSequence> {
        ByteReader<Bytes.SubSequence>(bytes.dropFirst(offset).prefix(count))
    }
}

/// There are no bytes where some were to be read.
struct ByteReaderEnd: Error {}

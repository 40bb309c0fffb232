/// The 512 bytes before a file in an archive that `tar` reads: the format
/// [ustar](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06), with the base-256 sizes that every tar
/// knows for files of 8 GiB and more. Plain files alone.
struct TarHeader: Equatable {
    static let blockSize = 512
    static let longestName = 100

    let name: String
    /// Bytes.
    let size: Int
    /// Seconds since 1970.
    let modified: Int

    /// Bytes that fill the last block of a file of this size.
    static func padding(of size: Int) -> Int { (blockSize - size % blockSize) % blockSize }

    /// Nil when the name does not fit.
    var bytes: [UInt8]? {
        guard (1...Self.longestName).contains(name.utf8.count), size >= 0 else { return nil }
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
        }
        put(name.utf8, at: 0)
        put("0000600\u{0}0000000\u{0}0000000\u{0}".utf8, at: 100)
        put(Self.number(size), at: 124)
        put(Self.number(max(0, modified)), at: 136)
        put("        0".utf8, at: 148)
        put("ustar\u{0}00".utf8, at: 257)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(Self.octal(sum, digits: 6) + [0, UInt8(ascii: " ")], at: 148)
        return block
    }

    /// Nil for a block that is no header of a plain file, or whose checksum is wrong.
    init?(_ block: [UInt8]) {
        guard block.count == Self.blockSize, Array(block[257..<262]) == Array("ustar".utf8),
            block[156] == UInt8(ascii: "0") || block[156] == 0, block[345..<500].allSatisfy({ $0 == 0 })
        else { return nil }
        let sum = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
        guard Self.parsed(block[148..<156]) == sum, let size = Self.parsed(block[124..<136]),
            let modified = Self.parsed(block[136..<148])
        else { return nil }
        guard let name = String(validating: block[0..<100].prefix { $0 != 0 }, as: UTF8.self), !name.isEmpty else { return nil }
        self.init(name: name, size: size, modified: modified)
    }

    init(name: String, size: Int, modified: Int) {
        self.name = name
        self.size = size
        self.modified = modified
    }

    private static func octal(_ number: Int, digits: Int) -> [UInt8] {
        let text = String(number, radix: 8)
        return Array((String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).utf8)
    }

    /// Twelve bytes: eleven octal digits and a NUL, or the number itself behind a set first bit.
    private static func number(_ number: Int) -> [UInt8] {
        if number < 1 << 33 { return octal(number, digits: 11) + [0] }
        return [0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

    private static func parsed(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first == 0x80 {
            guard field.dropFirst().prefix(3).allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
        let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        guard !digits.isEmpty, digits.count < 20 else { return nil }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
    }
}

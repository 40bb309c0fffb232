/// An IPv4 or IPv6 address as 16 bytes; an IPv4 address and its IPv6-mapped form are the same value.
public struct IPAddress: Sendable, Hashable {
    /// 16 bytes.
    package let bytes: [UInt8]

    /// The address, or nil when the text is none. No brackets, no zone, no port.
    public init?(_ text: String) {
        let utf8 = Array(text.utf8)
        guard utf8.count <= 45 else { return nil }
        if utf8.contains(UInt8(ascii: ":")) {
            guard let bytes = Self.parseIPv6(utf8) else { return nil }
            self.bytes = bytes
        } else {
            guard let bytes = Self.parseIPv4(utf8[...]) else { return nil }
            self.bytes = Self.mappedPrefix + bytes
        }
    }

    package var isIPv4: Bool { bytes.starts(with: Self.mappedPrefix) }

    /// Whether it is of 127.0.0.0/8, or `::1`.
    package var isLoopback: Bool { isIPv4 ? bytes[12] == 127 : bytes == Array(repeating: 0, count: 15) + [1] }

    private static let mappedPrefix: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]

    private static func parseIPv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            if part.count > 1, part.first == UInt8(ascii: "0") { return nil }
            guard let byte = UInt8(String(decoding: part, as: UTF8.self)) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func parseIPv6(_ text: [UInt8]) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        var gap: Int?
        for index in text.indices.dropLast() where text[index] == colon && text[index + 1] == colon {
            if gap != nil { return nil }
            gap = index
        }
        guard let gap else {
            return parseGroups(text[...], mayEndInIPv4: true).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard let head = parseGroups(text[..<gap], mayEndInIPv4: false),
            let tail = parseGroups(text[(gap + 2)...], mayEndInIPv4: true), head.count + tail.count <= 14
        else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func parseGroups(_ text: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        let groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard groups.count <= 8 else { return nil }
        var bytes: [UInt8] = []
        for (index, group) in groups.enumerated() {
            if group.contains(UInt8(ascii: ".")) {
                guard mayEndInIPv4, index == groups.count - 1, let ipv4 = parseIPv4(group) else { return nil }
                bytes += ipv4
            } else {
                guard (1...4).contains(group.count), group.allSatisfy(isHexDigit) else { return nil }
                guard let value = UInt16(String(decoding: group, as: UTF8.self), radix: 16) else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        return bytes
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}

/// All addresses with one prefix: `192.0.2.7`, `10.0.0.0/8`, `fd00::/8`.
public struct IPNetwork: Sendable, Hashable {
    let address: IPAddress
    /// Counted on the 16-byte form: 96 more than an IPv4 network's own.
    let prefixLength: Int

    /// The network, or nil when the text is none. Without `/` it is the one address.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let longest = address.isIPv4 ? 32 : 128
        var length = longest
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]), given <= longest else {
                return nil
            }
            length = given
        }
        self.address = address
        prefixLength = length + 128 - longest
    }

    public func contains(_ other: IPAddress) -> Bool {
        let whole = prefixLength / 8
        guard address.bytes.prefix(whole) == other.bytes.prefix(whole) else { return false }
        let rest = prefixLength % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
        return address.bytes[whole] & mask == other.bytes[whole] & mask
    }
}

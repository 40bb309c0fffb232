public import MatrixModel

/// Which clients still use the old way to presence, how often, and when first and last.
///
/// Pure, and bounded: at most `capacity` names are told apart, the uses of all others are counted together under ``others``.
public struct LegacyUseTable: Sendable {
    public struct Entry: Sendable, Equatable {
        public let client: String
        public internal(set) var count: Int
        public let first: MatrixTimestamp
        public internal(set) var last: MatrixTimestamp
    }

    public static let others = "other"
    public static let unnamed = "unknown"
    /// Of a longer name only so many bytes are kept.
    public static let longestName = 128

    public let capacity: Int
    private var entries: [String: Entry] = [:]

    public init(capacity: Int = 1_000) { self.capacity = capacity }

    public mutating func used(by client: String?, at now: MatrixTimestamp) {
        var name = Self.name(client)
        if entries[name] == nil, name != Self.others {
            let named = entries.count - (entries[Self.others] == nil ? 0 : 1)
            if named >= capacity { name = Self.others }
        }
        guard var entry = entries.removeValue(forKey: name) else {
            entries[name] = Entry(client: name, count: 1, first: now, last: now)
            return
        }
        entry.count += 1
        entry.last = now
        entries[name] = entry
    }

    /// The most frequent first.
    public var all: [Entry] {
        entries.values.sorted {
            $0.count != $1.count ? $0.count > $1.count : $0.client.utf8.lexicographicallyPrecedes($1.client.utf8)
        }
    }

    /// A user agent as a name that is safe to show: printable ASCII of a bounded length.
    static func name(_ client: String?) -> String {
        let bytes = (client ?? "").utf8.prefix(longestName).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return bytes.isEmpty ? unnamed : String(decoding: bytes, as: UTF8.self)
    }
}

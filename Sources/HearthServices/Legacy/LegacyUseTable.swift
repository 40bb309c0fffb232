import HearthRuntime
public import MatrixModel

/// Which clients still use the old way to presence, how often, and when first and last.
///
/// Pure, and bounded: at most `capacity` names are told apart, of which one user brings at most `share`; what else that user's clients
/// call themselves counts as ``others``. Where all places are taken, a new name takes that of the name whose last use is the longest ago.
/// So one user who makes names up can neither fill the table nor push the clients of others out of it.
public struct LegacyUseTable: Sendable {
    public struct Entry: Sendable, Equatable {
        public let client: String
        public internal(set) var count: Int
        public let first: MatrixTimestamp
        public internal(set) var last: MatrixTimestamp
    }

    public static let others = "other"
    public static let unnamed = ClientFamily.unnamed
    /// Of a longer name only so many bytes are kept.
    public static let longestName = 128

    public let capacity: Int
    public let share: Int
    private var entries: [String: Entry] = [:]
    /// Who brought a name first.
    private var bringers: [String: UserID] = [:]
    private var brought: [UserID: Int] = [:]

    public init(capacity: Int = 1_000, share: Int = 8) {
        self.capacity = capacity
        self.share = share
    }

    /// Counts a use by a client, as it calls itself, of a user.
    public mutating func used(by client: String?, of user: UserID, at now: MatrixTimestamp) {
        let name = Self.name(client)
        if entries[name] != nil || name == Self.others { return count(name, at: now) }
        guard brought[user, default: 0] < share else { return count(Self.others, at: now) }
        if bringers.count >= capacity { forgetStalest(at: now) }
        bringers[name] = user
        brought[user, default: 0] += 1
        count(name, at: now)
    }

    private mutating func count(_ name: String, at now: MatrixTimestamp) {
        guard var entry = entries.removeValue(forKey: name) else {
            entries[name] = Entry(client: name, count: 1, first: now, last: now)
            return
        }
        entry.count += 1
        entry.last = now
        entries[name] = entry
    }

    /// Counts the uses of a name as those of others, and gives its place away.
    private mutating func forgetStalest(at now: MatrixTimestamp) {
        let named = bringers.keys.compactMap { entries[$0] }
        guard let stalest = named.min(by: { ($0.last, $0.count) < ($1.last, $1.count) }) else { return }
        entries[stalest.client] = nil
        if let bringer = bringers.removeValue(forKey: stalest.client) {
            let left = (brought[bringer] ?? 0) - 1
            brought[bringer] = left > 0 ? left : nil
        }
        let before = entries[Self.others]
        entries[Self.others] = Entry(
            client: Self.others, count: stalest.count + (before?.count ?? 0),
            first: min(stalest.first, before?.first ?? stalest.first),
            last: max(stalest.last, before?.last ?? stalest.last))
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

import MatrixModel

/// How often something happened lately: counts by second, as far back as a minute. Pure.
struct RecentRate: Sendable {
    /// The counts of the last whole minute, and of the second that runs.
    private static let seconds: Int64 = 61

    private var counts = [Int](repeating: 0, count: Int(seconds))
    /// The second that the newest count belongs to.
    private var newest: Int64 = .min / 2

    mutating func count(at now: MonotonicTime) {
        advance(to: Self.second(of: now))
        counts[Self.index(of: newest)] += 1
    }

    /// How often a second it happened over the last whole seconds, up to 60.
    func perSecond(over seconds: Int, at now: MonotonicTime) -> Double {
        let current = Self.second(of: now)
        let asked = (current - Int64(min(max(seconds, 1), 60)))..<current
        let known = asked.filter { $0 <= newest && $0 > newest - Self.seconds }
        return Double(known.reduce(0) { $0 + counts[Self.index(of: $1)] }) / Double(asked.count)
    }

    private mutating func advance(to second: Int64) {
        guard second > newest else { return }
        for passed in max(newest + 1, second - Self.seconds + 1)...second { counts[Self.index(of: passed)] = 0 }
        newest = second
    }

    private static func second(of time: MonotonicTime) -> Int64 { time.nanoseconds / 1_000_000_000 }

    private static func index(of second: Int64) -> Int { Int(((second % seconds) + seconds) % seconds) }
}

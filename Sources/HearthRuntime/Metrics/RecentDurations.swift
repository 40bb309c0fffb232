/// How long something took lately: the last 1,024 times. Pure.
struct RecentDurations: Sendable {
    static let capacity = 1_024

    private var durations: [Duration] = []
    private var next = 0

    mutating func record(_ duration: Duration) {
        if durations.count < Self.capacity {
            durations.append(duration)
        } else {
            durations[next] = duration
        }
        next = (next + 1) % Self.capacity
    }

    /// Nil while there is none.
    var percentiles: DurationPercentiles? {
        let sorted = durations.sorted()
        guard !sorted.isEmpty else { return nil }
        func rank(_ percent: Int) -> Duration { sorted[(sorted.count * percent + 99) / 100 - 1] }
        return DurationPercentiles(count: sorted.count, p50: rank(50), p95: rank(95), p99: rank(99))
    }
}

/// How long the fastest 50, 95 and 99 of a hundred took at most.
public struct DurationPercentiles: Sendable, Equatable {
    /// How many durations these were made of.
    public let count: Int
    public let p50: Duration
    public let p95: Duration
    public let p99: Duration

    public init(count: Int, p50: Duration, p95: Duration, p99: Duration) {
        self.count = count
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
    }
}

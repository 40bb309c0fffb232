import Histogram

/// Times of one kind, in microseconds, to three digits.
struct Latencies {
    private var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)

    var count: Int { Int(histogram.totalCount) }

    mutating func note(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        histogram.record(UInt64(max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000)))
    }

    /// In milliseconds.
    func percentile(_ percent: Double) -> Double { Double(histogram.valueAtPercentile(percent)) / 1_000 }
}

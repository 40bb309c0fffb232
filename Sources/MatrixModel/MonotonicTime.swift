/// A point on a clock that only goes forward while the process runs; unaffected by changes of the wall clock.
///
/// Grace periods, time-outs and rate limits are counted on it. It means nothing in another process and is never stored.
public struct MonotonicTime: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    /// This time moved by a duration; stays at the end of the range instead of overflowing.
    public func advanced(by duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (offset, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        let (sum, tooFar) = nanoseconds.addingReportingOverflow(offset)
        if overflow || overflowed || tooFar { return Self(nanoseconds: duration < .zero ? .min : .max) }
        return Self(nanoseconds: sum)
    }

    /// How long it is from the other point to this one; negative when the other lies later.
    public func duration(since other: Self) -> Duration {
        .nanoseconds(nanoseconds) - .nanoseconds(other.nanoseconds)
    }
}

/// One reading of both clocks, handed to the cores as a parameter.
public struct Now: Hashable, Sendable {
    public var monotonic: MonotonicTime
    public var wall: MatrixTimestamp

    public init(monotonic: MonotonicTime, wall: MatrixTimestamp) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

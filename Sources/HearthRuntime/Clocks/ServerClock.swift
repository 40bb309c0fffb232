public import MatrixModel

/// The two clocks of the process, as a value that tests replace.
public protocol ServerClock: Sendable {
    func now() -> Now

    /// Returns when the duration has passed on the monotonic clock, or throws when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's clocks.
public struct SystemClock: ServerClock {
    public init() {}

    public func now() -> Now {
        let sinceEpoch = WallClock.sinceEpoch()
        return Now(
            monotonic: MonotonicTime(nanoseconds: 0).advanced(by: ContinuousClock.now - Self.origin),
            wall: MatrixTimestamp(milliseconds: sinceEpoch.wholeMilliseconds))
    }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: max(duration, .zero), tolerance: .milliseconds(1))
    }

    private static let origin = ContinuousClock.now
}

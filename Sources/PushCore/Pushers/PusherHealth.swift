public import MatrixModel

/// Whether a pusher works: its last delivery succeeded, or none has failed for a day. A new one works.
public struct PusherHealth: Sendable, Equatable {
    public var lastSuccess: MatrixTimestamp?
    public var lastFailure: MatrixTimestamp?

    /// For how long a failure is held against a pusher that nothing was sent to since.
    public static let failureCounts: Duration = .seconds(24 * 3600)

    public init(lastSuccess: MatrixTimestamp? = nil, lastFailure: MatrixTimestamp? = nil) {
        self.lastSuccess = lastSuccess
        self.lastFailure = lastFailure
    }

    public func isWorking(at now: MatrixTimestamp) -> Bool {
        guard let lastFailure, !Self.isAhead(lastFailure, of: now) else { return true }
        if let lastSuccess, lastSuccess >= lastFailure { return true }
        return now >= lastFailure.advanced(by: Self.failureCounts)
    }

    /// How long it takes until the pusher works again if nothing is sent to it; nil while it works.
    func timeUntilWorking(at now: MatrixTimestamp) -> Duration? {
        guard !isWorking(at: now), let lastFailure else { return nil }
        return .milliseconds(lastFailure.advanced(by: Self.failureCounts).milliseconds - now.milliseconds)
    }

    /// Whether a time was noted by a clock that was wrong and was set back since.
    private static func isAhead(_ time: MatrixTimestamp, of now: MatrixTimestamp) -> Bool {
        time > now.advanced(by: .seconds(60))
    }

    private mutating func dropWhatLiesAhead(of now: MatrixTimestamp) {
        if let lastSuccess, Self.isAhead(lastSuccess, of: now) { self.lastSuccess = nil }
        if let lastFailure, Self.isAhead(lastFailure, of: now) { self.lastFailure = nil }
    }

    /// A success and a failure in the same millisecond: what came last counts.
    mutating func noteSuccess(at now: MatrixTimestamp) {
        dropWhatLiesAhead(of: now)
        lastSuccess = max(now, lastFailure ?? now)
    }

    mutating func noteFailure(at now: MatrixTimestamp) {
        dropWhatLiesAhead(of: now)
        let success = lastSuccess?.advanced(by: .milliseconds(1))
        lastFailure = max(now, success ?? now)
    }
}

/// When a notification that could not be delivered is sent again: after a second, then twice as long each time, up to an hour.
enum PusherBackoff {
    static let first: Duration = .seconds(1)
    static let longest: Duration = .seconds(3600)

    /// - Parameter failures: in a row, 1 or more.
    static func delay(after failures: Int) -> Duration {
        min(first * (1 << min(max(failures, 1) - 1, 12)), longest)
    }
}

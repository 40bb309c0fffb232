import DequeModule
public import MatrixModel

/// When a held sync may be answered that was woken by presence and status alone: the first at once, then at most one an interval
/// for each device.
///
/// Counted from the device's last such answer. What carries anything else is never asked about here, neither delayed nor counted.
/// Keeps a device only while its interval runs.
///
/// Pure. `now` never goes back.
public struct PresenceWakePacing: Sendable {
    public enum Verdict: Sendable, Equatable {
        /// Now, and it is counted.
        case answer
        /// Not before this time.
        case wait(until: MonotonicTime)
    }

    public let interval: Duration
    private var lastAnswers: [DeviceKey: MonotonicTime] = [:]
    /// The same in the order of time, which is the order in which devices are forgotten.
    private var order: Deque<(device: DeviceKey, time: MonotonicTime)> = []

    public init(interval: Duration) { self.interval = interval }

    /// A device has nothing but presence and status to be told.
    public mutating func presenceIsPending(for device: DeviceKey, now: MonotonicTime) -> Verdict {
        forget(by: now)
        if let last = lastAnswers[device] { return .wait(until: last.advanced(by: interval)) }
        guard interval > .zero else { return .answer }
        lastAnswers[device] = now
        order.append((device, now))
        return .answer
    }

    /// How many devices are kept.
    public var count: Int { lastAnswers.count }

    private mutating func forget(by now: MonotonicTime) {
        while let first = order.first, first.time.advanced(by: interval) <= now {
            lastAnswers[first.device] = nil
            order.removeFirst()
        }
    }
}

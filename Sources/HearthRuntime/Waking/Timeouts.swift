import MatrixModel
public import ServiceLifecycle
import Synchronization

/// Wakes held requests when their time is over: one loop and one table of deadlines for all of them.
public final class Timeouts: Service {
    private let clock: any ServerClock
    private let alarm: Alarm
    private let deadlines = Mutex(Deadlines<Entry>())

    private struct Entry {
        let deadline: MonotonicTime
        let reason: WakeReason
        let waker: Waker
    }

    public init(clock: any ServerClock) {
        self.clock = clock
        alarm = Alarm(clock: clock)
    }

    /// Wakes the waker after the duration; it is kept until then, or until the ticket is handed to ``cancel(_:)``.
    package func wake(_ waker: Waker, after duration: Duration, with reason: WakeReason = .timedOut) -> DeadlineTicket {
        let deadline = clock.now().monotonic.advanced(by: duration)
        let (ticket, isEarliest) = deadlines.withLock { deadlines in
            let before = deadlines.next
            let ticket = deadlines.insert(Entry(deadline: deadline, reason: reason, waker: waker), at: deadline)
            return (ticket, before.map { deadline < $0 } ?? true)
        }
        if isEarliest { alarm.ring() }
        return ticket
    }

    package func cancel(_ ticket: DeadlineTicket) { deadlines.withLock { $0.remove(ticket) } }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    public func run() async throws {
        await TimedLoop(alarm).run {
            let now = clock.now().monotonic
            for entry in deadlines.withLock({ $0.takeDue(by: now) }) {
                entry.waker.wake(entry.reason, newsTime: entry.reason == .news ? entry.deadline : nil)
            }
            let next = deadlines.withLock { $0.next }
            return .sleep(next.map { $0.duration(since: clock.now().monotonic) })
        }
    }
}

import HeapModule
import MatrixModel
public import ServiceLifecycle
import Synchronization

/// Wakes held requests when their time is over: one loop and one heap for all of them.
///
/// An entry of a request that was answered earlier stays until its time and then does nothing.
public final class Timeouts: Service {
    private let clock: any ServerClock
    private let alarm: Alarm
    private let entries = Mutex<Heap<Entry>>([])

    private struct Entry: Comparable {
        let deadline: MonotonicTime
        let reason: WakeReason
        weak var waker: Waker?

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.deadline < rhs.deadline }
        static func == (lhs: Self, rhs: Self) -> Bool { lhs.deadline == rhs.deadline }
    }

    public init(clock: any ServerClock) {
        self.clock = clock
        alarm = Alarm(clock: clock)
    }

    /// Wakes the waker after the duration, if it still exists.
    func wake(_ waker: Waker, after duration: Duration, with reason: WakeReason = .timedOut) {
        let deadline = clock.now().monotonic.advanced(by: duration)
        let isEarliest = entries.withLock { entries in
            let isEarliest = entries.min.map { deadline < $0.deadline } ?? true
            entries.insert(Entry(deadline: deadline, reason: reason, waker: waker))
            return isEarliest
        }
        if isEarliest { alarm.ring() }
    }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !alarm.isSilenced {
                wakeDue()
                let next = entries.withLock { $0.min?.deadline }
                await alarm.wait(for: next.map { $0.duration(since: clock.now().monotonic) })
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private func wakeDue() {
        let now = clock.now().monotonic
        let due = entries.withLock { entries in
            var due: [(waker: Waker, reason: WakeReason, deadline: MonotonicTime)] = []
            while let first = entries.min, first.deadline <= now {
                entries.removeMin()
                if let waker = first.waker { due.append((waker, first.reason, first.deadline)) }
            }
            return due
        }
        for entry in due { entry.waker.wake(entry.reason, newsTime: entry.reason == .news ? entry.deadline : nil) }
    }
}

import DequeModule
import Synchronization

/// Runs what blocks (files, children) beside the cooperative pool: a few jobs at a time, a bounded number waiting, the rest refused.
///
/// State: guarded by its lock; jobs run on threads of their own (``OwnThread``).
package final class BlockingWork: Sendable {
    private let state = Mutex(State())
    private let label: String
    private let mostAtOnce: Int
    private let mostWaiting: Int

    private struct State: Sendable {
        var running = 0
        var waiting: Deque<@Sendable () -> Void> = []
    }

    package init(label: String, mostAtOnce: Int, mostWaiting: Int) {
        self.label = label
        self.mostAtOnce = mostAtOnce
        self.mostWaiting = mostWaiting
    }

    /// Runs the work when it is its turn; nil, and nothing was run, when too many jobs wait.
    package func runIfTaken<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
        await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
            let isTaken = enqueue { continuation.resume(returning: work()) }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// Starts the job, or lets it wait; false when too many wait already.
    private func enqueue(_ job: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, startsNow) = state.withLock { state in
            if state.running < mostAtOnce {
                state.running += 1
                return (true, true)
            }
            guard state.waiting.count < mostWaiting else { return (false, false) }
            state.waiting.append(job)
            return (true, false)
        }
        if startsNow { start(job) }
        return isTaken
    }

    private func start(_ job: @escaping @Sendable () -> Void) {
        OwnThread.run(label) { [self] in
            job()
            let next = state.withLock { state -> (@Sendable () -> Void)? in
                let next = state.waiting.popFirst()
                if next == nil { state.running -= 1 }
                return next
            }
            if let next { start(next) }
        }
    }
}

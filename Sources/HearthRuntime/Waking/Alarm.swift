import MatrixModel
import Synchronization

/// Lets one loop sleep until a deadline that may move: whoever makes an earlier one rings.
///
/// A ring that comes while nobody waits is kept for the next wait. After ``silence()`` no wait blocks any more, nor after the waiting task
/// was cancelled: a shutdown that takes too long ends loops that way.
package final class Alarm: Sendable {
    private let clock: any ServerClock
    private let waker = Waker()
    private let silenced = Mutex(false)

    package init(clock: any ServerClock) { self.clock = clock }

    package var isSilenced: Bool { silenced.withLock { $0 } }

    package func ring() { waker.wake(.news) }

    package func silence() {
        silenced.withLock { $0 = true }
        waker.wake(.shutdown)
    }

    /// Returns after the duration, at a ring, or at the end, whichever comes first; nil waits for a ring alone.
    package func wait(for duration: Duration?) async {
        if isSilenced { return }
        await withTaskCancellationHandler {
            await sleep(for: duration)
        } onCancel: {
            silence()
        }
    }

    private func sleep(for duration: Duration?) async {
        await withTaskGroup(of: Void.self) { group in
            if let duration {
                group.addTask { [clock, waker] in
                    do {
                        try await clock.sleep(for: duration)
                        waker.wake(.timedOut)
                    } catch {
                        // The wait ended before its time: nobody is to be woken.
                    }
                }
            }
            await waker.next()
            group.cancelAll()
        }
    }
}

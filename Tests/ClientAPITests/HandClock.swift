import HearthServices
import MatrixModel
import Synchronization

/// Two clocks that stand still until a test moves them, both at once. Who sleeps is woken when the time has passed.
final class HandClock: ServerClock {
    private let state = Mutex(State())

    private struct State {
        var now = Now(monotonic: MonotonicTime(nanoseconds: 0), wall: MatrixTimestamp(milliseconds: 1_760_000_000_000))
        var sleepers: [Int: Sleeper] = [:]
        var lastSleeper = 0
    }

    private struct Sleeper {
        let deadline: MonotonicTime
        let continuation: CheckedContinuation<Void, any Error>
    }

    func now() -> Now { state.withLock(\.now) }

    func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.lastSleeper += 1
            return state.lastSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    let deadline = state.now.monotonic.advanced(by: duration)
                    if deadline <= state.now.monotonic { return true }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() } else if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func cancel(_ id: Int) {
        state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state -> [Sleeper] in
            let now = Now(monotonic: state.now.monotonic.advanced(by: duration), wall: state.now.wall.advanced(by: duration))
            state.now = now
            let due = state.sleepers.filter { $0.value.deadline <= now.monotonic }
            for id in due.keys { state.sleepers[id] = nil }
            return Array(due.values)
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}

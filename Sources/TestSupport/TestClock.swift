public import HearthRuntime
public import MatrixModel
import Synchronization

/// Two clocks that stand still until a test moves them, together or each on its own. Who sleeps is woken when the monotonic one
/// passes the time.
public final class TestClock: ServerClock {
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

    public init() {}

    public func now() -> Now { state.withLock(\.now) }

    public func sleep(for duration: Duration) async throws {
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

    /// When the next sleeper wakes.
    public var nextWake: MonotonicTime? { state.withLock { $0.sleepers.values.map(\.deadline).min() } }

    /// Moves both clocks at once.
    public func advance(by duration: Duration) { move(monotonic: duration, wall: duration) }

    /// Moves the monotonic clock alone.
    public func advanceMonotonic(by duration: Duration) { move(monotonic: duration, wall: .zero) }

    /// Sets the wall clock alone.
    public func advanceWall(by duration: Duration) { move(monotonic: .zero, wall: duration) }

    private func move(monotonic: Duration, wall: Duration) {
        let due = state.withLock { state -> [Sleeper] in
            let now = Now(monotonic: state.now.monotonic.advanced(by: monotonic), wall: state.now.wall.advanced(by: wall))
            state.now = now
            let due = state.sleepers.filter { $0.value.deadline <= now.monotonic }
            for id in due.keys { state.sleepers[id] = nil }
            return Array(due.values)
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}

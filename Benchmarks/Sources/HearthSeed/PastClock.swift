import HearthRuntime
import HearthServices
import MatrixModel
import Synchronization

/// The machine's clock, its wall time set back.
final class PastClock: ServerClock {
    private let system = SystemClock()
    private let back = Mutex(Duration.zero)

    func set(back duration: Duration) { back.withLock { $0 = duration } }

    func now() -> Now {
        var now = system.now()
        now.wall = now.wall.advanced(by: .zero - back.withLock { $0 })
        return now
    }

    func sleep(for duration: Duration) async throws { try await system.sleep(for: duration) }
}

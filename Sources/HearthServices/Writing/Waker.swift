import MatrixModel
import Synchronization

/// A wake-up: its reason and, for news, when they were committed (or when their turn came).
struct WakeUp: Sendable {
    let reason: WakeReason
    /// Of several news the first.
    let newsTime: MonotonicTime?
}

/// Why a held request goes on.
public enum WakeReason: Sendable {
    case news, timedOut, clientGone, shutdown
}

/// The one place at which a held request sleeps. A wake-up that comes before the sleep is kept: none is lost.
///
/// Legal transitions: idle -> signalled -> idle (by ``next()``), idle -> sleeping -> idle (by ``wake(_:newsTime:)``).
public final class Waker: Sendable {
    private let state = Mutex(State.idle)

    private enum State {
        case idle
        case signalled(WakeUp)
        case sleeping(CheckedContinuation<WakeUp, Never>)
    }

    /// Wakes the sleeper, or the next one who would sleep. A reason to end is never replaced by mere news.
    ///
    /// - Parameter newsTime: when the news were committed, where that is known.
    func wake(_ reason: WakeReason, newsTime: MonotonicTime? = nil) {
        let wakeUp = WakeUp(reason: reason, newsTime: newsTime)
        let sleeper = state.withLock { state -> CheckedContinuation<WakeUp, Never>? in
            switch state {
            case .sleeping(let continuation):
                state = .idle
                return continuation
            case .idle:
                state = .signalled(wakeUp)
                return nil
            case .signalled(let earlier):
                if earlier.reason == .news { state = .signalled(WakeUp(reason: reason, newsTime: earlier.newsTime ?? newsTime)) }
                return nil
            }
        }
        sleeper?.resume(returning: wakeUp)
    }

    /// Waits for the next wake-up.
    @discardableResult
    func next() async -> WakeUp {
        await withCheckedContinuation { continuation in
            let wakeUp = state.withLock { state -> WakeUp? in
                if case .signalled(let wakeUp) = state {
                    state = .idle
                    return wakeUp
                }
                state = .sleeping(continuation)
                return nil
            }
            if let wakeUp { continuation.resume(returning: wakeUp) }
        }
    }
}

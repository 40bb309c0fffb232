public import MatrixModel
import Synchronization

/// A wake-up: its reason and, for news, when they were committed (or when their turn came).
public struct WakeUp: Sendable {
    public let reason: WakeReason
    /// Of several news the first.
    let newsTime: MonotonicTime?

    public init(reason: WakeReason, newsTime: MonotonicTime? = nil) {
        self.reason = reason
        self.newsTime = newsTime
    }
}

/// Why a held request goes on.
public enum WakeReason: Sendable {
    case news, timedOut, clientGone, shutdown
}

/// The one place at which a held request sleeps. A wake-up that comes before the sleep is kept: none is lost.
///
/// The sleeper is a task (``next()``) or a function that is called once (``onWake(_:)``), which costs no task while it waits.
///
/// Legal transitions: idle -> signalled -> idle (by going to sleep), idle -> sleeping -> idle (by ``wake(_:newsTime:)``).
public final class Waker: Sendable {
    private let state = Mutex(State.idle)

    private enum State {
        case idle
        case signalled(WakeUp)
        case sleeping(@Sendable (WakeUp) -> Void)
    }

    /// Wakes the sleeper, or the next one who would sleep. A reason to end is never replaced by mere news.
    ///
    /// - Parameter newsTime: when the news were committed, where that is known.
    func wake(_ reason: WakeReason, newsTime: MonotonicTime? = nil) {
        let wakeUp = WakeUp(reason: reason, newsTime: newsTime)
        let sleeper = state.withLock { state -> (@Sendable (WakeUp) -> Void)? in
            switch state {
            case .sleeping(let sleeper):
                state = .idle
                return sleeper
            case .idle:
                state = .signalled(wakeUp)
                return nil
            case .signalled(let earlier):
                if earlier.reason == .news { state = .signalled(WakeUp(reason: reason, newsTime: earlier.newsTime ?? newsTime)) }
                return nil
            }
        }
        sleeper?(wakeUp)
    }

    /// Waits for the next wake-up.
    @discardableResult
    func next() async -> WakeUp {
        await withCheckedContinuation { continuation in
            onWake { continuation.resume(returning: $0) }
        }
    }

    /// Calls the body with the next wake-up, once; at once if there was one already. It runs wherever the wake-up comes from: be brief.
    public func onWake(_ body: @escaping @Sendable (WakeUp) -> Void) {
        let wakeUp = state.withLock { state -> WakeUp? in
            if case .signalled(let wakeUp) = state {
                state = .idle
                return wakeUp
            }
            state = .sleeping(body)
            return nil
        }
        if let wakeUp { body(wakeUp) }
    }

    /// Forgets who sleeps: for a sleeper who is gone.
    public func forgetSleeper() { state.withLock { if case .sleeping = $0 { $0 = .idle } } }
}

import Synchronization

/// Why a held request goes on.
public enum WakeReason: Sendable {
    case news, timedOut, clientGone, shutdown
}

/// The one place at which a held request sleeps. A wake-up that comes before the sleep is kept: none is lost.
///
/// Legal transitions: idle -> signalled -> idle (by ``next()``), idle -> sleeping -> idle (by ``wake(_:)``).
public final class Waker: Sendable {
    private let state = Mutex(State.idle)

    private enum State {
        case idle
        case signalled(WakeReason)
        case sleeping(CheckedContinuation<WakeReason, Never>)
    }

    /// Wakes the sleeper, or the next one who would sleep. A reason to end is never replaced by mere news.
    public func wake(_ reason: WakeReason) {
        let sleeper = state.withLock { state -> CheckedContinuation<WakeReason, Never>? in
            switch state {
            case .sleeping(let continuation):
                state = .idle
                return continuation
            case .idle, .signalled(.news):
                state = .signalled(reason)
                return nil
            case .signalled:
                return nil
            }
        }
        sleeper?.resume(returning: reason)
    }

    /// Waits for the next wake-up.
    func next() async -> WakeReason {
        await withCheckedContinuation { continuation in
            let reason = state.withLock { state -> WakeReason? in
                if case .signalled(let reason) = state {
                    state = .idle
                    return reason
                }
                state = .sleeping(continuation)
                return nil
            }
            if let reason { continuation.resume(returning: reason) }
        }
    }
}

public import MatrixModel
import Synchronization

/// A wake-up: its reason and, for news, when they were committed (or when their turn came).
public struct WakeUp: Sendable {
    public let reason: WakeReason
    /// Of several news the first.
    package let newsTime: MonotonicTime?

    public init(reason: WakeReason, newsTime: MonotonicTime? = nil) {
        self.reason = reason
        self.newsTime = newsTime
    }
}

/// Why a held request goes on.
public enum WakeReason: Sendable {
    case news, timedOut, clientGone, shutdown
}

/// Where woken sleepers go on: an event loop, say. All who are woken together go on in one turn of it.
public protocol WakePlace: Sendable {
    /// Tells places apart.
    var id: ObjectIdentifier { get }
    /// Does the work soon, in this place.
    func execute(_ work: @escaping @Sendable () -> Void)
}

/// The one place at which a held request sleeps. A wake-up that comes before the sleep is kept: none is lost.
///
/// The sleeper is a task (``next()``) or a function that is called once (``onWake(in:_:)``), which costs no task while it waits.
///
/// Legal transitions: idle -> signalled -> idle (by going to sleep), idle -> sleeping -> idle (by ``wake(_:newsTime:)``).
public final class Waker: Sendable {
    private let state = Mutex(State.idle)

    private enum State {
        case idle
        case signalled(WakeUp)
        case sleeping(Sleeper)
    }

    package init() {}

    struct Sleeper: Sendable {
        /// Nil for one who goes on wherever the wake-up comes from.
        let place: (any WakePlace)?
        let body: @Sendable (WakeUp) -> Void

        func wake(_ wakeUp: WakeUp) {
            guard let place else { return body(wakeUp) }
            place.execute { [body] in body(wakeUp) }
        }
    }

    /// Wakes the sleeper, or the next one who would sleep. A reason to end is never replaced by mere news.
    ///
    /// - Parameter newsTime: when the news were committed, where that is known.
    package func wake(_ reason: WakeReason, newsTime: MonotonicTime? = nil) {
        let wakeUp = WakeUp(reason: reason, newsTime: newsTime)
        takeSleeper(for: wakeUp)?.wake(wakeUp)
    }

    /// Ends the sleep and leaves it to the caller to call the sleeper; without one, the wake-up is kept for the next.
    fileprivate func takeSleeper(for wakeUp: WakeUp) -> Sleeper? {
        state.withLock { state in
            switch state {
            case .sleeping(let sleeper):
                state = .idle
                return sleeper
            case .idle:
                state = .signalled(wakeUp)
                return nil
            case .signalled(let earlier):
                if earlier.reason == .news {
                    state = .signalled(WakeUp(reason: wakeUp.reason, newsTime: earlier.newsTime ?? wakeUp.newsTime))
                }
                return nil
            }
        }
    }

    /// Waits for the next wake-up.
    @discardableResult
    package func next() async -> WakeUp {
        await withCheckedContinuation { continuation in
            onWake(in: nil) { continuation.resume(returning: $0) }
        }
    }

    /// Calls the body with the next wake-up, once; soon if there was one already.
    ///
    /// - Parameter place: where it is called; nil for wherever the wake-up comes from: be brief then.
    public func onWake(in place: (any WakePlace)?, _ body: @escaping @Sendable (WakeUp) -> Void) {
        let sleeper = Sleeper(place: place, body: body)
        let wakeUp = state.withLock { state -> WakeUp? in
            if case .signalled(let wakeUp) = state {
                state = .idle
                return wakeUp
            }
            state = .sleeping(sleeper)
            return nil
        }
        if let wakeUp { sleeper.wake(wakeUp) }
    }

    /// Forgets who sleeps: for a sleeper who is gone.
    public func forgetSleeper() { state.withLock { if case .sleeping = $0 { $0 = .idle } } }
}

extension Waker {
    /// Wakes many at once: those who go on in the same place do so in one turn.
    package static func wake(_ wakers: [Waker], _ wakeUp: WakeUp) {
        var turns: [ObjectIdentifier: (place: any WakePlace, bodies: [@Sendable (WakeUp) -> Void])] = [:]
        for waker in wakers {
            guard let sleeper = waker.takeSleeper(for: wakeUp) else { continue }
            if let place = sleeper.place {
                turns[place.id, default: (place, [])].bodies.append(sleeper.body)
            } else {
                sleeper.body(wakeUp)
            }
        }
        for (place, bodies) in turns.values {
            place.execute { for body in bodies { body(wakeUp) } }
        }
    }
}

import HearthRuntime
import MatrixModel
import Synchronization

/// How many rooms each user makes in an hour, by the monotonic clock. A room that was not made in the end counts as well.
///
/// State: guarded by its lock.
final class RoomsMade: Sendable {
    private let clock: any ServerClock
    private let limiter: Mutex<RateLimiter>?

    /// - Parameter perHour: 0 sets no limit.
    init(perHour: Int, clock: any ServerClock) {
        self.clock = clock
        limiter = perHour > 0 ? Mutex(RateLimiter(burst: perHour, interval: .seconds(3600) / perHour)) : nil
    }

    func take(by user: UserID) throws(LimitExceeded) {
        let now = clock.now().monotonic
        if let wait = limiter?.withLock({ $0.take(user.rawValue, now: now) }) { throw LimitExceeded(retryAfter: wait) }
    }
}

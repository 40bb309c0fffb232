public import MatrixModel
import Synchronization

/// How many bytes of events each user has stored lately, by the monotonic clock: what their requests make of their account's events in whatever room,
/// the member events of a new name among them.
///
/// An event is counted when it is stored, and weighed when the next request comes: so a request goes through whole or not at all, and whoever is above
/// the bound waits until enough of the hour has passed. What a transaction stored that failed in the end counts as well.
///
/// State: guarded by its lock.
public final class EventBytes: Sendable {
    private let clock: any ServerClock
    private let limiter: Mutex<RateLimiter>?

    /// - Parameter perHour: 0 sets no limit.
    package init(perHour: Int, clock: any ServerClock) {
        self.clock = clock
        limiter = perHour > 0 ? Mutex(RateLimiter(burst: perHour, interval: .seconds(3600) / perHour)) : nil
    }

    /// - Throws: ``LimitExceeded`` while the user has stored more than may be.
    public func check(_ user: UserID) throws(LimitExceeded) {
        let now = clock.now().monotonic
        if let wait = limiter?.withLock({ $0.debt(of: user.rawValue, now: now) }) { throw LimitExceeded(retryAfter: wait) }
    }

    /// The user has stored so many bytes.
    package func count(_ bytes: Int, of user: UserID, now: MonotonicTime) {
        limiter?.withLock { $0.charge(bytes, to: user.rawValue, now: now) }
    }
}

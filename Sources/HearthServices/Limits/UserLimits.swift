public import MatrixModel
import Synchronization

/// What a user may do only so often.
public enum LimitedAction: Sendable, CaseIterable {
    /// Setting or clearing one's presence by hand.
    case presence
    /// Changing one's status, in whatever way.
    case status
    /// A peek, new or renewed.
    case peek
    /// A request for many peeks at once.
    case bulkPeek
    /// Typing, or having stopped.
    case typing
    /// A search for rooms or users.
    case search
    /// An upload, or an id for one to come.
    case upload
}

/// A user did something too often: 429 `M_LIMIT_EXCEEDED`.
public struct LimitExceeded: Error, Equatable {
    public let retryAfter: Duration

    public init(retryAfter: Duration) { self.retryAfter = retryAfter }

    /// Whole milliseconds, rounded up.
    public var retryAfterMilliseconds: Int64 { (retryAfter + .nanoseconds(999_999)).wholeMilliseconds }
}

/// Token buckets for each user and action: wide enough for people, tight for loops. A /sync is never among them.
///
/// A user's devices share the buckets. State: guarded by its lock.
public final class UserLimits: Sendable {
    private let clock: any ServerClock
    private let isEnabled: Bool
    private let limiters = Mutex(UserLimits.limiters)

    private static var limiters: [LimitedAction: RateLimiter] {
        [
            .presence: RateLimiter(burst: 20, interval: .seconds(3)),
            .status: RateLimiter(burst: 20, interval: .seconds(3)),
            .peek: RateLimiter(burst: 300, interval: .milliseconds(100)),
            .bulkPeek: RateLimiter(burst: 20, interval: .seconds(3)),
            .typing: RateLimiter(burst: 100, interval: .milliseconds(200)),
            .search: RateLimiter(burst: 50, interval: .milliseconds(500)),
            .upload: RateLimiter(burst: 60, interval: .seconds(1)),
        ]
    }

    public init(isEnabled: Bool, clock: any ServerClock) {
        self.isEnabled = isEnabled
        self.clock = clock
    }

    /// Counts one action of a user.
    public func take(_ action: LimitedAction, by user: UserID) throws(LimitExceeded) {
        guard isEnabled else { return }
        let now = clock.now().monotonic
        let wait = limiters.withLock { $0[action]?.take(user.rawValue, now: now) }
        if let wait { throw LimitExceeded(retryAfter: wait) }
    }
}

public import MatrixModel
import Synchronization

/// What a user may do only so often.
public enum LimitedAction: Sendable, CaseIterable {
    /// Setting or clearing one's presence by hand.
    case presence
    /// Changing one's status, in whatever way.
    case status
    /// A peek, new, renewed or ended.
    case peek
    /// A request for many peeks at once.
    case bulkPeek
    /// A receipt or a read marker.
    case receipt
    /// A device, named or deleted: everybody who shares a room is told to ask for its user's keys again.
    case device
    /// Typing, or having stopped.
    case typing
    /// A search for rooms or users, or through what one was notified of.
    case search
    /// An upload, or an id for one to come.
    case upload
    /// Keys for encryption: uploaded, asked for, claimed or signed.
    case keys
    /// Messages to devices, one request at a time.
    case toDevice
    /// 64 KiB, begun or whole, that messages to devices take in the mailboxes: a star multiplies what was sent.
    case toDeviceBytes
    /// A backup of keys: written, read or deleted.
    case keyBackup
    /// A new room, with all that is in it.
    case createRoom
    /// One's own membership: joining, leaving, forgetting.
    case join
    /// Others' membership: inviting, removing, banning and unbanning.
    case invite
    /// A room's state, its aliases and whether it is listed.
    case state
    /// A field of one's profile, which may go into every room that one is in.
    case profile
    /// Account data, tags, push rules and pushers.
    case accountData
    /// A filter to be stored.
    case filter
    /// A message or a redaction.
    case send
    /// A profile, an alias or a listing looked up without a token; those who have one take turns as all who read do.
    case lookUp

    /// Whether it makes events, which count by their bytes as well.
    var storesEvents: Bool {
        switch self {
        case .status, .createRoom, .join, .invite, .state, .profile, .send: true
        default: false
        }
    }
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
    package let isEnabled: Bool
    private let events: EventBytes?
    private let limiters = Mutex(UserLimits.limiters)

    private static var limiters: [LimitedAction: RateLimiter] {
        [
            .presence: RateLimiter(burst: 20, interval: .seconds(3)),
            .status: RateLimiter(burst: 20, interval: .seconds(3)),
            .peek: RateLimiter(burst: 300, interval: .milliseconds(100)),
            .bulkPeek: RateLimiter(burst: 20, interval: .seconds(3)),
            // Who marks everything as read does so in some hundred rooms at once.
            .receipt: RateLimiter(burst: 300, interval: .milliseconds(100)),
            // Who tidies up deletes devices one by one.
            .device: RateLimiter(burst: 100, interval: .seconds(1)),
            .typing: RateLimiter(burst: 100, interval: .milliseconds(200)),
            .search: RateLimiter(burst: 50, interval: .milliseconds(500)),
            .upload: RateLimiter(burst: 60, interval: .seconds(1)),
            // A client that comes to a large room asks for many keys and sends many messages at once; one that restores a backup
            // may ask for each session by itself.
            .keys: RateLimiter(burst: 200, interval: .milliseconds(100)),
            .toDevice: RateLimiter(burst: 500, interval: .milliseconds(50)),
            .toDeviceBytes: RateLimiter(burst: 256, interval: .milliseconds(100)),
            .keyBackup: RateLimiter(burst: 500, interval: .milliseconds(50)),
            .createRoom: RateLimiter(burst: 30, interval: .seconds(5)),
            .join: RateLimiter(burst: 100, interval: .milliseconds(500)),
            // Who moderates bans the same user in many rooms at once.
            .invite: RateLimiter(burst: 200, interval: .milliseconds(500)),
            .state: RateLimiter(burst: 200, interval: .milliseconds(250)),
            .profile: RateLimiter(burst: 30, interval: .seconds(3)),
            .accountData: RateLimiter(burst: 300, interval: .milliseconds(200)),
            .filter: RateLimiter(burst: 60, interval: .seconds(1)),
            // An import of some hundred messages goes through at once.
            .send: RateLimiter(burst: 600, interval: .milliseconds(50)),
            // A page that shows who is there asks for each of a household or a club.
            .lookUp: RateLimiter(burst: 200, interval: .milliseconds(100)),
        ]
    }

    /// - Parameter events: what users have stored of events; nil for no bound.
    public init(isEnabled: Bool, clock: any ServerClock, events: EventBytes? = nil) {
        self.isEnabled = isEnabled
        self.events = events
        self.clock = clock
    }

    /// Counts one action of a user.
    public func take(_ action: LimitedAction, by user: UserID) throws(LimitExceeded) { try take(action, count: 1, by: user) }

    /// Counts an action of a user as so many.
    public func take(_ action: LimitedAction, count: Int, by user: UserID) throws(LimitExceeded) {
        if isEnabled, action.storesEvents { try events?.check(user) }
        try take(action, key: user.rawValue, count: count)
    }

    /// Counts one action of somebody of whom only the address is known. An address is no user id, so the two never share a bucket.
    public func take(_ action: LimitedAction, from address: ClientAddress) throws(LimitExceeded) {
        try take(action, key: address.rateLimitKey)
    }

    private func take(_ action: LimitedAction, key: String, count: Int = 1) throws(LimitExceeded) {
        guard isEnabled else { return }
        let now = clock.now().monotonic
        let wait = limiters.withLock { $0[action]?.take(key, count: count, now: now) }
        if let wait { throw LimitExceeded(retryAfter: wait) }
    }
}

import HearthRuntime
import MatrixModel
import Synchronization

/// The rate limits of accounts; guards its ``RateLimiter``s with one lock.
///
/// Guesses are counted by account and network, so that a stranger's do not lock the owner out; what one account takes from all networks
/// together is a wider bucket, which does not hold off networks that its owner has logged in from. A confirmation with the password beside a
/// valid token counts by device and against nothing else. Limits are taken before the password is looked at, so that many attempts at once do
/// not slip through.
final class AccountLimits: Sendable {
    enum Limit: CaseIterable {
        /// Attempts to log in, whatever becomes of them; by network.
        case loginByAddress
        /// Wrong passwords; by account and network.
        case wrongLogin
        /// Wrong passwords; by account.
        case wrongLoginAnywhere
        /// Right passwords, each of which makes or changes a device; by account.
        case rightLogin
        /// The password beside a token, whatever becomes of it; by device.
        case confirmation
        /// A wrong one; by device.
        case wrongConfirmation
        case registrationByAddress, availabilityByAddress

        fileprivate var limiter: RateLimiter {
            switch self {
            case .loginByAddress: RateLimiter(burst: 20, interval: .seconds(3))
            case .wrongLogin: RateLimiter(burst: 6, interval: .seconds(10))
            case .wrongLoginAnywhere: RateLimiter(burst: 100, interval: .seconds(30))
            case .rightLogin: RateLimiter(burst: 50, interval: .seconds(10))
            case .confirmation: RateLimiter(burst: 30, interval: .seconds(5))
            case .wrongConfirmation: RateLimiter(burst: 6, interval: .seconds(30))
            case .registrationByAddress: RateLimiter(burst: 20, interval: .seconds(30))
            case .availabilityByAddress: RateLimiter(burst: 60, interval: .seconds(1))
            }
        }
    }

    /// One bucket of one limit.
    struct Bucket: Sendable {
        let limit: Limit
        let key: String

        static func wrongLogin(_ user: UserID, at network: String) -> Bucket {
            // No network holds a space.
            Bucket(limit: .wrongLogin, key: "\(network) \(user.rawValue)")
        }

        static func wrongLoginAnywhere(_ user: UserID) -> Bucket { Bucket(limit: .wrongLoginAnywhere, key: user.rawValue) }

        static func confirmation(_ device: DeviceKey, isWrong: Bool) -> Bucket {
            Bucket(limit: isWrong ? .wrongConfirmation : .confirmation, key: "\(device.user.rawValue) \(device.device.rawValue)")
        }
    }

    private let state = Mutex(Dictionary(uniqueKeysWithValues: Limit.allCases.map { ($0, $0.limiter) }))
    private let isEnabled: Bool

    init(isEnabled: Bool) { self.isEnabled = isEnabled }

    /// - Throws: ``AccountError/rateLimited(retryAfter:)`` when there is no token left.
    func take(_ limit: Limit, for key: String, now: Now) throws(AccountError) {
        try take([Bucket(limit: limit, key: key)], now: now)
    }

    /// Takes a token of each bucket, or of none.
    ///
    /// - Throws: ``AccountError/rateLimited(retryAfter:)`` when there is no token left in one of them.
    func take(_ buckets: [Bucket], now: Now) throws(AccountError) {
        guard isEnabled else { return }
        let wait = state.withLock { state -> Duration? in
            for (index, bucket) in buckets.enumerated() {
                guard let wait = state[bucket.limit]?.take(bucket.key, now: now.monotonic) else { continue }
                for taken in buckets[..<index] { state[taken.limit]?.giveBack(taken.key, now: now.monotonic) }
                return wait
            }
            return nil
        }
        if let wait { throw .rateLimited(retryAfter: wait) }
    }

    func giveBack(_ buckets: [Bucket], now: Now) {
        guard isEnabled else { return }
        state.withLock { state in
            for bucket in buckets { state[bucket.limit]?.giveBack(bucket.key, now: now.monotonic) }
        }
    }
}

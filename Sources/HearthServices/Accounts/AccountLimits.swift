import MatrixModel
import Synchronization

/// The rate limits of accounts; guards its ``RateLimiter``s with one lock.
///
/// A login counts against the address always, and against the account only when it fails: whoever knows the password is not locked
/// out by themselves. Both are taken before the password is looked at, so that many attempts at once do not slip through.
final class AccountLimits: Sendable {
    enum Limit {
        case loginByAddress, loginByAccount, registrationByAddress, availabilityByAddress
    }

    private struct State: Sendable {
        var loginByAddress = RateLimiter(burst: 20, interval: .seconds(3))
        var loginByAccount = RateLimiter(burst: 6, interval: .seconds(10))
        var registrationByAddress = RateLimiter(burst: 20, interval: .seconds(30))
        var availabilityByAddress = RateLimiter(burst: 60, interval: .seconds(1))

        subscript(limit: Limit) -> RateLimiter {
            _read {
                switch limit {
                case .loginByAddress: yield loginByAddress
                case .loginByAccount: yield loginByAccount
                case .registrationByAddress: yield registrationByAddress
                case .availabilityByAddress: yield availabilityByAddress
                }
            }
            _modify {
                switch limit {
                case .loginByAddress: yield &loginByAddress
                case .loginByAccount: yield &loginByAccount
                case .registrationByAddress: yield &registrationByAddress
                case .availabilityByAddress: yield &availabilityByAddress
                }
            }
        }
    }

    private let state = Mutex(State())
    private let isEnabled: Bool

    init(isEnabled: Bool) { self.isEnabled = isEnabled }

    /// - Throws: ``AccountError/rateLimited(retryAfter:)`` when there is no token left.
    func take(_ limit: Limit, for key: String, now: Now) throws(AccountError) {
        guard isEnabled else { return }
        let wait = state.withLock { $0[limit].take(key, now: now.monotonic) }
        if let wait { throw .rateLimited(retryAfter: wait) }
    }

    func giveBack(_ limit: Limit, for key: String, now: Now) {
        guard isEnabled else { return }
        state.withLock { $0[limit].giveBack(key, now: now.monotonic) }
    }
}

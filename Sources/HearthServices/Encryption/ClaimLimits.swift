import HearthRuntime
import MatrixModel
import SubscriptionCore
import Synchronization

/// How many one-time keys of a device others may claim; beyond it they get its fallback key, which stays, or none.
///
/// A claimed key is gone, and a device that is away makes no new ones: whoever claims them all takes from everybody else what only the device can
/// give. So each user has a bucket for each device, wide enough for one claim by each of the user's own; and those who share no room with the device's
/// user have one together, so that however many they are, most keys are left to those who do.
///
/// State: guarded by its lock.
final class ClaimLimits: Sendable {
    private struct Limiters: Sendable {
        /// By the claimer and the device.
        var acquaintances = RateLimiter(burst: 30, interval: .seconds(60))
        var strangers = RateLimiter(burst: 10, interval: .seconds(600))
        /// By the device.
        var allStrangers = RateLimiter(burst: 20, interval: .seconds(300))
    }

    private let isEnabled: Bool
    private let limiters = Mutex(Limiters())

    init(isEnabled: Bool) { self.isEnabled = isEnabled }

    /// Whether a user may have a one-time key of a device now; it counts as claimed then.
    ///
    /// - Parameter shareRoom: whether the claimer and the device's user do.
    func take(of device: DeviceKey, by claimer: UserID, shareRoom: Bool, now: MonotonicTime) -> Bool {
        if !isEnabled || claimer == device.user { return true }
        // Neither a user id nor a device's holds a space.
        let target = "\(device.user.rawValue) \(device.device.rawValue)"
        let pair = "\(claimer.rawValue) \(target)"
        return limiters.withLock { limiters in
            if shareRoom { return limiters.acquaintances.take(pair, now: now) == nil }
            guard limiters.strangers.take(pair, now: now) == nil else { return false }
            guard limiters.allStrangers.take(target, now: now) == nil else {
                limiters.strangers.giveBack(pair, now: now)
                return false
            }
            return true
        }
    }
}

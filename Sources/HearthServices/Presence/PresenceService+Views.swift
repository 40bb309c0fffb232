import HearthRuntime
public import MatrixModel
public import PresenceCore
import SubscriptionCore
import Synchronization

/// Questions that change nothing.
extension PresenceService {
    /// The user's own view: what is effective, why, and what each device says.
    public func ownView(of user: UserID) -> OwnView {
        let now = clock.now()
        return state.withLock { $0.engine.ownView(of: user, at: now) }
    }

    /// When a user's device was here last: now, for one that holds a sync, whatever that says of presence.
    ///
    /// - Parameter stored: what the store knows, which memory is ahead of by up to a minute.
    public func lastSeen(_ device: DeviceKey, stored: MatrixTimestamp?) -> MatrixTimestamp? {
        if notifier.ask({ $0.isWaiting(device) }) { return clock.now().wall }
        return [stored, state.withLock { $0.engine.lastContact(of: device) }].compactMap { $0 }.max()
    }

    /// When any of a user's devices was.
    public func lastSeen(_ user: UserID, stored: MatrixTimestamp?) -> MatrixTimestamp? {
        if notifier.ask({ $0.isWaiting(user) }) { return clock.now().wall }
        return [stored, state.withLock { $0.engine.lastContact(of: user) }].compactMap { $0 }.max()
    }

    /// How many devices presence is computed from.
    var deviceCount: Int { state.withLock { $0.engine.deviceCount } }

    /// What a user's lane tells others. A user without a profile room gets the same refusal as one who is not to be seen.
    public func legacyPresence(of user: UserID, for viewer: UserID) throws -> LegacyPresence {
        let now = clock.now().wall
        let lane = notifier.ask { engine -> LaneState? in
            guard engine.profileRoom(of: user) != nil, engine.canSee(viewer, laneOf: user) else { return nil }
            return engine.lane(of: user) ?? LaneState()
        }
        guard let lane else { throw PresenceError.notVisible }
        return LegacyPresence(user: user, lane: lane, now: now)
    }
}

public import MatrixModel
public import PresenceCore
import SubscriptionCore
import Synchronization

/// Questions that change nothing.
extension PresenceService {
    /// The user's own view: what is effective, why, and what each device says.
    public func ownView(of user: UserID) -> OwnView {
        let now = writer.clock.now()
        return state.withLock { $0.engine.ownView(of: user, at: now) }
    }

    /// How many devices presence is computed from.
    var deviceCount: Int { state.withLock { $0.engine.deviceCount } }

    /// What a user's lane tells others. A user without a profile room gets the same refusal as one who is not to be seen.
    public func legacyPresence(of user: UserID, for viewer: UserID) throws -> LegacyPresence {
        let now = writer.clock.now().wall
        let lane = notifier.ask { engine -> LaneState? in
            guard engine.profileRoom(of: user) != nil, engine.canSee(viewer, laneOf: user) else { return nil }
            return engine.lane(of: user) ?? LaneState()
        }
        guard let lane else { throw PresenceError.notVisible }
        return LegacyPresence(user: user, lane: lane, now: now)
    }
}

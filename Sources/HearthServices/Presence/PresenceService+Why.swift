import HearthRuntime
public import MatrixModel
public import PresenceCore
import Synchronization

/// Why a user is what they are.
public struct PresenceExplanation: Sendable {
    /// What is effective now, the rule that decided, and what each device says.
    public let view: OwnView
    /// What stands published; nil before the first publication. Differs from what is effective while a fall waits.
    public let published: Presence?
    /// The last published changes, the newest first.
    public let changes: [PresenceChange]
}

extension PresenceService {
    /// How many changes an explanation tells at most.
    public static let explainedChanges = 20

    /// Why a user is what they are: for the user's own server's administrators, who are on record as having asked.
    public func explanation(of user: UserID) -> PresenceExplanation {
        let now = clock.now()
        let (view, published) = state.withLock { ($0.engine.ownView(of: user, at: now), $0.engine.standing(of: user)) }
        let log = changeLog.withLock { $0 }
        return PresenceExplanation(
            view: view, published: published, changes: log.last(Self.explainedChanges, of: user, at: now.wall))
    }

    /// What is effective of a user now, and the rule that decided.
    public func effective(of user: UserID) -> EffectivePresence {
        let now = clock.now()
        return state.withLock { $0.engine.effective(of: user, at: now) }
    }

    /// Notes a publication once it is on the disk.
    func note(_ publishing: Publishing, of user: UserID, at time: MatrixTimestamp) {
        let now = clock.now().monotonic
        changeLog.withLock { $0.append(publishing.change(of: user, at: time)) }
        metrics.presenceWasPublished(
            from: publishing.standing, to: publishing.due.presence, because: publishing.reason,
            took: max(now.duration(since: publishing.fact.time), .zero), at: now)
    }
}

import MatrixModel
import PresenceCore

/// One publication on its way to the disk, with why it came about.
struct Publishing: Sendable {
    let due: Publication
    /// What stood before; nil before the first publication.
    let standing: Presence?
    let reason: EffectivePresence.Reason
    let fact: PresenceFact
    /// The device that the change is put down to.
    let device: DeviceID?

    init(_ due: Publication, of user: UserID, in engine: PresenceEngine, because fact: PresenceFact, at now: Now) {
        self.due = due
        self.fact = fact
        standing = engine.standing(of: user)
        reason = engine.effective(of: user, at: now).reason
        // Only where nothing but time passed is it worth looking at every device.
        device = fact.cause == .time ? Self.deciding(engine.ownView(of: user, at: now)) : fact.device
    }

    func change(of user: UserID, at time: MatrixTimestamp) -> PresenceChange {
        PresenceChange(
            user: user, time: time, previous: standing ?? .offline, presence: due.presence, reason: reason, cause: fact.cause,
            device: device)
    }

    /// A device that says what is effective, else whichever was in contact last.
    private static func deciding(_ view: OwnView) -> DeviceID? {
        let saying = view.sources.filter { $0.presence == view.effective.presence }
        return (saying.isEmpty ? view.sources : saying).max { $0.lastContact < $1.lastContact }?.device
    }
}

public import MatrixModel
public import PresenceCore

/// One published change of a user's presence, and why it came about.
public struct PresenceChange: Sendable, Equatable {
    public let user: UserID
    /// When it was published.
    public let time: MatrixTimestamp
    public let previous: Presence
    public let presence: Presence
    /// The rule that decided.
    public let reason: EffectivePresence.Reason
    /// What had happened.
    public let cause: PresenceCause
    /// The device that it happened on; where nothing but time had passed, the one that decided or was in contact last.
    public let device: DeviceID?

    public init(
        user: UserID, time: MatrixTimestamp, previous: Presence, presence: Presence, reason: EffectivePresence.Reason,
        cause: PresenceCause, device: DeviceID?
    ) {
        self.user = user
        self.time = time
        self.previous = previous
        self.presence = presence
        self.reason = reason
        self.cause = cause
        self.device = device
    }
}

/// What makes presence change, as a word.
public enum PresenceCause: String, Sendable, CaseIterable {
    /// A PUT of the user's presence.
    case put
    /// Choices were ended by a DELETE.
    case clear
    case sync
    /// An event, a receipt, typing or a read marker.
    case activity
    case logout
    /// A pusher works again, or does not any more.
    case pusher
    /// The user's profile says that the user is on a call, or does not any more.
    case call
    /// A grace period, an idle time or a choice was over.
    case time
    case deactivation
}

/// The fact that a publication goes back to.
struct PresenceFact: Sendable {
    let cause: PresenceCause
    let device: DeviceID?
    let time: MonotonicTime
}

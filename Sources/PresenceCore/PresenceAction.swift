public import MatrixModel

/// What the engine asks its shell to do.
public enum PresenceAction: Hashable, Sendable {
    /// Ask ``PresenceEngine/duePublication(of:at:)`` inside the next write and publish the answer.
    ///
    /// It names no value on purpose: the one writer asks for what is due when its turn has come, so that values are published in
    /// the order in which they became true.
    case publish(UserID)
    /// Choices ended other than by a PUT or a DELETE: by their time, an activity, a sync, a log-out. Store them anew.
    case storeChoices(UserID)
    /// A call is over that nobody ended: its device is gone. Take the field from the user's profile, if ``PresenceEngine/call(of:)`` still
    /// knows of none.
    case removeCall(UserID)
}

/// The content of `m.presence` in a profile room: `presence`, and for every presence but `online` `last_active_ts`.
public struct Publication: Sendable, Hashable {
    public let presence: Presence
    /// When the user was last published `online`; nil with `online` itself, when there was no such time, and when it is not told.
    public let lastActive: MatrixTimestamp?

    public init(presence: Presence, lastActive: MatrixTimestamp?) {
        self.presence = presence
        self.lastActive = lastActive
    }
}

/// A sync in flight, to be handed back when it ends.
public struct SyncHandle: Sendable, Hashable {
    public let device: DeviceKey
    /// Nil for a silent sync, whose end means nothing either.
    let sync: Sync?

    struct Sync: Sendable, Hashable {
        let number: OpenSyncs.Number
        /// The number of the device's user.
        let user: Int
        let incarnation: UInt64
        let claim: DeviceClaim
    }
}

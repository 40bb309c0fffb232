public import MatrixModel

/// What users are told of their own presence: the result, the rule that decided, and everything it was made from.
public struct OwnView: Sendable, Equatable {
    public let effective: EffectivePresence
    /// The choices that stand, the one in force first.
    public let choices: [PresenceChoice]
    /// The devices that were in contact, in the order of their ids' bytes. One that can not count any more may be left out.
    public let sources: [Source]

    public init(effective: EffectivePresence, choices: [PresenceChoice], sources: [Source]) {
        self.effective = effective
        self.choices = choices
        self.sources = sources
    }

    /// The choice in force.
    public var inForce: PresenceChoice? { choices.first }

    /// One device, as presence sees it.
    public struct Source: Sendable, Equatable {
        public let device: DeviceID
        /// What the device's claim comes to now; nil when it says nothing, or when that is no longer believed.
        public let presence: Presence?
        /// Whether the client named that presence itself.
        public let isExplicit: Bool
        public let isLive: Bool
        public let lastContact: MatrixTimestamp
        public let hasWorkingPusher: Bool

        public init(
            device: DeviceID, presence: Presence?, isExplicit: Bool, isLive: Bool, lastContact: MatrixTimestamp,
            hasWorkingPusher: Bool
        ) {
            self.device = device
            self.presence = presence
            self.isExplicit = isExplicit
            self.isLive = isLive
            self.lastContact = lastContact
            self.hasWorkingPusher = hasWorkingPusher
        }
    }
}

/// The one value that is computed from all sources, and the rule that decided it.
public struct EffectivePresence: Sendable, Hashable {
    public let presence: Presence
    public let reason: Reason

    public init(presence: Presence, reason: Reason) {
        self.presence = presence
        self.reason = reason
    }

    /// The rule that decided, as the word that the user is told.
    public enum Reason: String, Sendable, CaseIterable {
        /// Rule 1: the user chose to appear offline.
        case manualOffline = "manual_offline"
        /// Rule 2: no device is reachable.
        case unreachable
        /// Rule 3: a device says so, or the user chose it.
        case busy
        /// Rule 4: the user chose `unavailable`, firm or soft.
        case manualUnavailable = "manual_unavailable"
        /// Rule 5: a device is in use.
        case online
        /// Rule 6: a device is reachable, and nothing more is known.
        case reachable
    }
}

/// The table that turns all sources of a user into one presence: the first rule that matches wins.
///
/// 1. manual `offline`: `offline`
/// 2. nothing reachable: `offline`
/// 3. any device's `busy` that is believed, or manual `busy`: `busy`
/// 4. manual `unavailable`: `unavailable`
/// 5. any device's `online` that is believed: `online`
/// 6. otherwise: `unavailable`
public enum EffectivePresenceRules {
    /// Everything the rules look at.
    public struct Inputs: Sendable, Hashable {
        /// The manual choice that holds now. `online` is no choice and counts as none.
        public var manual: Presence?
        public var isReachable: Bool
        public var believesBusy: Bool
        public var believesOnline: Bool

        public init(manual: Presence? = nil, isReachable: Bool = false, believesBusy: Bool = false, believesOnline: Bool = false)
        {
            self.manual = manual
            self.isReachable = isReachable
            self.believesBusy = believesBusy
            self.believesOnline = believesOnline
        }
    }

    public static func decide(_ inputs: Inputs) -> EffectivePresence {
        if inputs.manual == .offline { return EffectivePresence(presence: .offline, reason: .manualOffline) }
        if !inputs.isReachable { return EffectivePresence(presence: .offline, reason: .unreachable) }
        if inputs.believesBusy || inputs.manual == .busy { return EffectivePresence(presence: .busy, reason: .busy) }
        if inputs.manual == .unavailable { return EffectivePresence(presence: .unavailable, reason: .manualUnavailable) }
        if inputs.believesOnline { return EffectivePresence(presence: .online, reason: .online) }
        return EffectivePresence(presence: .unavailable, reason: .reachable)
    }
}

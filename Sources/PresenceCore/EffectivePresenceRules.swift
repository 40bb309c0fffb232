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
        /// Rule 1: the user, or one of the user's devices, chose to appear offline.
        case manualOffline = "manual_offline"
        /// Rule 2: no device is reachable.
        case unreachable
        /// Rule 3: a device says so, or it was chosen.
        case busy
        /// Rule 3: the user's profile says that the user is on a call.
        case call
        /// Rule 4: the user chose `unavailable`, or a device went to the background.
        case manualUnavailable = "manual_unavailable"
        /// Rule 5: a device is in use.
        case online
        /// Rule 6: a device is reachable, and nothing more is known.
        case reachable
    }
}

/// The table that turns all sources of a user into one presence: the first rule that matches wins.
///
/// 1. an `offline` in force: `offline`
/// 2. nothing reachable: `offline`
/// 3. any device's `busy` or a call that is believed, or a chosen `busy` in force: `busy`
/// 4. a user's `unavailable` in force; or soft away in force, unless a device other than its own says explicitly that it is online:
///    `unavailable`
/// 5. any device's `online` that is believed: `online`
/// 6. otherwise: `unavailable`
public enum EffectivePresenceRules {
    /// Everything the rules look at.
    public struct Inputs: Sendable, Hashable {
        public var chosen: Chosen
        public var isReachable: Bool
        public var believesBusy: Bool
        public var believesCall: Bool
        public var believesOnline: Bool
        /// Whether a device other than the one that soft away is of says explicitly that it is online.
        public var isInUseElsewhere: Bool

        public init(
            chosen: Chosen = .nothing, isReachable: Bool = false, believesBusy: Bool = false, believesCall: Bool = false,
            believesOnline: Bool = false, isInUseElsewhere: Bool = false
        ) {
            self.chosen = chosen
            self.isReachable = isReachable
            self.believesBusy = believesBusy
            self.believesCall = believesCall
            self.believesOnline = believesOnline
            self.isInUseElsewhere = isInUseElsewhere
        }
    }

    /// The choice in force, as far as the rules tell choices apart.
    public enum Chosen: String, Sendable, CaseIterable {
        case nothing, offline, busy, unavailable, away

        init(_ choice: PresenceChoice?) {
            guard let choice else {
                self = .nothing
                return
            }
            switch choice.presence {
            case .offline: self = .offline
            case .busy: self = .busy
            case .unavailable: self = choice.isAway ? .away : .unavailable
            case .online: self = .nothing
            }
        }
    }

    public static func decide(_ inputs: Inputs) -> EffectivePresence {
        if inputs.chosen == .offline { return EffectivePresence(presence: .offline, reason: .manualOffline) }
        if !inputs.isReachable { return EffectivePresence(presence: .offline, reason: .unreachable) }
        if inputs.believesBusy || inputs.chosen == .busy { return EffectivePresence(presence: .busy, reason: .busy) }
        if inputs.believesCall { return EffectivePresence(presence: .busy, reason: .call) }
        if inputs.chosen == .unavailable || inputs.chosen == .away && !inputs.isInUseElsewhere {
            return EffectivePresence(presence: .unavailable, reason: .manualUnavailable)
        }
        if inputs.believesOnline { return EffectivePresence(presence: .online, reason: .online) }
        return EffectivePresence(presence: .unavailable, reason: .reachable)
    }
}

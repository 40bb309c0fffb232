import MatrixModel

/// An event that the authorisation rules allow in one state of its room. Nothing else makes one.
public struct AuthorizedEvent: Sendable {
    public let event: SignedEvent

    fileprivate init(_ event: SignedEvent) { self.event = event }
}

extension SignedEvent {
    /// The event as one that this state of its room allows, by the authorisation rules of
    /// [version 11](https://spec.matrix.org/v1.16/rooms/v11/#authorisation-rules) or
    /// [version 12](https://spec.matrix.org/v1.16/rooms/v12/#authorisation-rules).
    ///
    /// The signatures of ``requiredSigners`` have to be there and are taken as good: whoever made or received the event checked
    /// them. The rule about the event's own auth events is ``checkAuthEvents(_:isRejected:)``.
    public func authorized(against state: some AuthState) throws(AuthRuleViolation) -> AuthorizedEvent {
        if !isThirdPartyInviteAnswer && !hasSignature(of: sender.server) {
            throw AuthRuleViolation(.signatures, "The event is not signed by \(sender.server), its sender's server.")
        }
        if type == .create {
            try CreateRules.check(self)
        } else {
            try AuthRules(event: self, state: state).check()
        }
        return AuthorizedEvent(self)
    }
}

/// The authorisation rules for everything but the create event, in the order of the spec. An event passes when no rule throws.
struct AuthRules {
    let event: SignedEvent
    let state: any AuthState
    let create: SignedEvent
    let levels: PowerLevels

    init(event: SignedEvent, state: any AuthState) throws(AuthRuleViolation) {
        guard let create = state.event(.create) else {
            throw AuthRuleViolation(.room, "The room \(event.roomID) has no create event.")
        }
        guard create.roomID == event.roomID, create.version == event.version else {
            throw AuthRuleViolation(.room, "The event belongs to another room than \(create.roomID).")
        }
        self.event = event
        self.state = state
        self.create = create
        levels = PowerLevels(create: create, powerLevels: state.event(.powerLevels))
    }

    func check() throws(AuthRuleViolation) {
        try checkFederation()
        if event.type == .member { return try MemberRules(self).check() }
        guard membership(of: event.sender) == .join else {
            throw AuthRuleViolation(.notJoined, "\(event.sender) is not in the room.")
        }
        if event.type == .thirdPartyInvite {
            return try requireLevel(levels.invite, rule: .thirdPartyInvite, to: "invite")
        }
        try requireLevel(
            levels.required(for: event.type, isState: event.stateKey != nil), rule: .requiredPower, to: "send \(event.type)")
        if let stateKey = event.stateKey, stateKey.utf8.first == UInt8(ascii: "@"),
            !stateKey.hasSameBytes(as: event.sender.rawValue)
        {
            throw AuthRuleViolation(.stateKey, "State with the user id \(stateKey) as its key can only be set by that user.")
        }
        if event.type == .powerLevels { try PowerLevelRules(self).check() }
    }

    private func checkFederation() throws(AuthRuleViolation) {
        if create.content["m.federate"] == false && event.sender.server != create.sender.server {
            throw AuthRuleViolation(.federation, "The room is open to users of \(create.sender.server) only.")
        }
    }

    /// The user's membership in the state; nil when there is none.
    func membership(of user: UserID) -> Membership? { state.event(.member(user))?.membership }

    /// Requires that the sender has at least a level.
    func requireLevel(
        _ required: PowerLevel, rule: AuthRuleViolation.Rule, to action: String
    ) throws(AuthRuleViolation) {
        let level = levels.level(of: event.sender)
        guard level >= required else {
            throw AuthRuleViolation(
                rule, "To \(action) takes power level \(required), but that of \(event.sender) is \(level).")
        }
    }
}

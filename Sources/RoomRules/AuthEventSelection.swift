public import MatrixModel

/// Which events of a room's state an event names as its auth events: those that give its sender permission.
///
/// [Auth events selection](https://spec.matrix.org/v1.16/server-server-api/#auth-events-selection).
public enum AuthEventSelection {
    /// The keys whose events to name, each once, where the state has them. Never more than seven.
    public static func keys(
        forType type: EventType, stateKey: String?, sender: UserID, content: JSONObject, version: RoomVersion
    ) -> [StateKey] {
        if type == .create { return [] }
        var keys: [StateKey] = version.hasHashedRoomID ? [] : [.create]
        keys += [.powerLevels, .member(sender)]
        guard type == .member else { return keys }

        func add(_ key: StateKey) {
            if !keys.contains(key) { keys.append(key) }
        }
        if let stateKey { add(StateKey(.member, stateKey)) }
        let membership = content["membership"]?.stringValue.flatMap(Membership.init(rawValue:))
        if membership == .join || membership == .invite || membership == .knock { add(.joinRules) }
        if membership == .invite, let token = thirdPartyToken(in: content) { add(StateKey(.thirdPartyInvite, token)) }
        if membership == .join, let voucher = content[MemberRules.voucherKey]?.stringValue { add(StateKey(.member, voucher)) }
        return keys
    }

    public static func keys(for draft: DraftEvent, version: RoomVersion) -> [StateKey] {
        keys(forType: draft.type, stateKey: draft.stateKey, sender: draft.sender, content: draft.content, version: version)
    }

    public static func keys(for event: SignedEvent) -> [StateKey] {
        keys(
            forType: event.type, stateKey: event.stateKey, sender: event.sender, content: event.content, version: event.version)
    }

    private static func thirdPartyToken(in content: JSONObject) -> String? {
        content["third_party_invite"]?.objectValue?["signed"]?.objectValue?["token"]?.stringValue
    }
}

extension SignedEvent {
    /// Checks the events that this one names as its auth events against what it may name: rule 2 of room version 11, rule 3 of
    /// 12.
    ///
    /// It depends on no state and is checked once, when an event comes from another server. Hearth's own events name what
    /// ``AuthEventSelection`` says.
    ///
    /// - Parameters:
    ///   - named: the events that ``authEvents`` names, in that order.
    ///   - isRejected: whether one of them was rejected when it came.
    public func checkAuthEvents(_ named: [SignedEvent], isRejected: (EventID) -> Bool) throws(AuthRuleViolation) {
        if type == .create { return }
        guard named.map(\.id) == authEvents else {
            throw AuthRuleViolation(.authEvents, "Some of the auth events of \(id) are not known.")
        }
        let selectable = AuthEventSelection.keys(for: self)
        var seen: Set<StateKey> = []
        for event in named {
            guard let key = event.stateIdentity, selectable.contains(key) else {
                throw AuthRuleViolation(.authEvents, "\(event.id) of type \(event.type) may not be an auth event of \(id).")
            }
            guard seen.insert(key).inserted else {
                throw AuthRuleViolation(.authEvents, "\(id) names two auth events of type \(key.type) with one state key.")
            }
            guard !isRejected(event.id) else {
                throw AuthRuleViolation(.authEvents, "\(event.id), an auth event of \(id), was rejected.")
            }
            guard event.roomID == roomID else {
                throw AuthRuleViolation(.authEvents, "\(event.id), an auth event of \(id), belongs to another room.")
            }
        }
        guard version.hasHashedRoomID || seen.contains(.create) else {
            throw AuthRuleViolation(.authEvents, "\(id) does not name the create event among its auth events.")
        }
    }
}

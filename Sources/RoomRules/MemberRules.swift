import MatrixModel

/// The rules for `m.room.member`: who may join, invite, leave, kick, ban, unban and knock.
struct MemberRules {
    /// In the content of a restricted join: the user who vouches that the joining one meets the room's conditions.
    static let voucherKey = "join_authorised_via_users_server"

    private let rules: AuthRules
    private var event: SignedEvent { rules.event }
    private var sender: UserID { rules.event.sender }
    private var levels: PowerLevels { rules.levels }

    init(_ rules: AuthRules) { self.rules = rules }

    func check() throws(AuthRuleViolation) {
        guard let target = event.stateKey.flatMap({ UserID($0) }) else {
            throw AuthRuleViolation(.member, "The state key of a membership must be a user id.")
        }
        guard event.content["membership"] != nil else {
            throw AuthRuleViolation(.member, "The event does not say which membership \(target) gets.")
        }
        try checkVoucherSignature()
        switch event.membership {
        case .join: try checkJoin(of: target)
        case .invite where event.isThirdPartyInviteAnswer: try ThirdPartyInviteRules(rules, target: target).check()
        case .invite: try checkInvite(of: target)
        case .leave: try checkLeave(of: target)
        case .ban: try checkBan(of: target)
        case .knock: try checkKnock(of: target)
        case nil: throw AuthRuleViolation(.member, "The membership given to \(target) is unknown.")
        }
    }

    /// Whoever is named as the voucher has its server's signature on the event, whatever the membership.
    private func checkVoucherSignature() throws(AuthRuleViolation) {
        guard let named = event.content[Self.voucherKey] else { return }
        guard let voucher = named.stringValue.flatMap({ UserID($0) }), event.hasSignature(of: voucher.server) else {
            throw AuthRuleViolation(.signatures, "The event is not signed by the server of the user in \"\(Self.voucherKey)\".")
        }
    }

    // MARK: - Join

    private func checkJoin(of target: UserID) throws(AuthRuleViolation) {
        if event.prevEvents == [rules.create.id] && target == rules.create.sender { return }
        guard sender == target else {
            throw AuthRuleViolation(.join, "\(sender) cannot join the room for \(target).")
        }
        let membership = rules.membership(of: target)
        guard membership != .ban else { throw AuthRuleViolation(.join, "\(target) is banned from the room.") }
        let isInside = membership == .join || membership == .invite
        switch joinRule {
        case "public": return
        case "invite", "knock":
            guard isInside else { throw AuthRuleViolation(.join, "\(target) is not invited to the room.") }
        case "restricted", "knock_restricted":
            guard !isInside else { return }
            try checkVoucher()
        default:
            throw AuthRuleViolation(.join, "The room's join rule lets nobody in.")
        }
    }

    private func checkVoucher() throws(AuthRuleViolation) {
        guard let voucher = event.content[Self.voucherKey]?.stringValue.flatMap({ UserID($0) }) else {
            throw AuthRuleViolation(.join, "\(sender) is not invited, and nobody vouches for the conditions of the room.")
        }
        guard rules.membership(of: voucher) == .join, levels.level(of: voucher) >= levels.invite else {
            throw AuthRuleViolation(.join, "\(voucher), who vouches for \(sender), may not invite to the room.")
        }
    }

    /// The join rule that holds; `invite` when the room has none. Nil for a value that is no string.
    private var joinRule: String? {
        guard let value = rules.state.event(.joinRules)?.content["join_rule"] else { return "invite" }
        return value.stringValue
    }

    // MARK: - All others

    private func checkInvite(of target: UserID) throws(AuthRuleViolation) {
        try requireSenderInRoom(.invite)
        switch rules.membership(of: target) {
        case .join: throw AuthRuleViolation(.invite, "\(target) is in the room already.")
        case .ban: throw AuthRuleViolation(.invite, "\(target) is banned from the room.")
        default: try rules.requireLevel(levels.invite, rule: .invite, to: "invite")
        }
    }

    private func checkLeave(of target: UserID) throws(AuthRuleViolation) {
        let membership = rules.membership(of: target)
        if sender == target {
            guard membership == .invite || membership == .join || membership == .knock else {
                throw AuthRuleViolation(.leave, "\(sender) has nothing to leave: no membership, no invite, no knock.")
            }
            return
        }
        try requireSenderInRoom(.leave)
        if membership == .ban { try rules.requireLevel(levels.ban, rule: .leave, to: "lift a ban") }
        try rules.requireLevel(levels.kick, rule: .leave, to: "remove somebody")
        try requireMorePower(than: target, rule: .leave)
    }

    private func checkBan(of target: UserID) throws(AuthRuleViolation) {
        try requireSenderInRoom(.ban)
        try rules.requireLevel(levels.ban, rule: .ban, to: "ban")
        try requireMorePower(than: target, rule: .ban)
    }

    private func checkKnock(of target: UserID) throws(AuthRuleViolation) {
        guard joinRule == "knock" || joinRule == "knock_restricted" else {
            throw AuthRuleViolation(.knock, "The room's join rule does not allow to knock.")
        }
        guard sender == target else {
            throw AuthRuleViolation(.knock, "\(sender) cannot knock for \(target).")
        }
        switch rules.membership(of: target) {
        case .ban, .invite, .join:
            throw AuthRuleViolation(.knock, "\(target) is in the room, invited or banned, and cannot knock.")
        default: return
        }
    }

    private func requireSenderInRoom(_ rule: AuthRuleViolation.Rule) throws(AuthRuleViolation) {
        guard rules.membership(of: sender) == .join else {
            throw AuthRuleViolation(rule, "\(sender) is not in the room.")
        }
    }

    private func requireMorePower(than target: UserID, rule: AuthRuleViolation.Rule) throws(AuthRuleViolation) {
        let (own, other) = (levels.level(of: sender), levels.level(of: target))
        guard other < own else {
            throw AuthRuleViolation(
                rule, "The power level of \(sender), \(own), is not above that of \(target), \(other).")
        }
    }
}

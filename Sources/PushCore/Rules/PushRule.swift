public import MatrixModel

/// The kinds of push rules, in the order in which they are asked.
public enum PushRuleKind: String, CaseIterable, Sendable {
    case override, content, room, sender, underride
}

/// One push rule: when it matches, and what happens then.
///
/// [Push rules](https://spec.matrix.org/v1.16/client-server-api/#push-rules).
public struct PushRule: Sendable, Equatable {
    public let id: String
    /// Whether the server has it for everybody; its id begins with a dot then.
    public let isDefault: Bool
    public internal(set) var isEnabled: Bool
    public private(set) var actions: [JSON]
    let matter: Matter
    private(set) var verdict: PushVerdict

    /// What a rule looks at.
    enum Matter: Sendable, Equatable {
        /// All of these, in `override` and `underride` rules.
        case conditions([PushCondition])
        /// The text, in `content` rules.
        case pattern(String, Glob)
        /// The text, for the localpart of whoever owns the rules.
        case ownersLocalpart
        /// The room, or the sender, that the rule has its id from.
        case room, sender
    }

    init(id: String, isDefault: Bool = false, isEnabled: Bool = true, matter: Matter, actions: [JSON]) {
        (self.id, self.isDefault, self.isEnabled, self.matter) = (id, isDefault, isEnabled, matter)
        self.actions = actions
        verdict = PushVerdict(actions: actions)
    }

    mutating func setActions(_ actions: [JSON]) {
        self.actions = actions
        verdict = PushVerdict(actions: actions)
    }

    /// Whether the rule steps back where the sender says who is mentioned.
    var isLegacyMention: Bool {
        guard isDefault else { return false }
        return [".m.rule.contains_display_name", ".m.rule.roomnotif", ".m.rule.contains_user_name"].contains(id)
    }

    /// - Parameter steps: what the owner's own rules may still look at; a default rule takes none of it.
    func matches(_ event: PushEvent, in room: PushRoom, member: PushMember?, within steps: inout PushSteps) -> Bool {
        guard isDefault else { return steps.take(1) && asks(event, in: room, member: member, within: &steps) }
        if event.hasMentions, isLegacyMention { return false }
        var enough = PushSteps(.max)
        return asks(event, in: room, member: member, within: &enough)
    }

    private func asks(_ event: PushEvent, in room: PushRoom, member: PushMember?, within steps: inout PushSteps) -> Bool {
        switch matter {
        case .conditions(let conditions):
            return conditions.allSatisfy { $0.holds(for: event, in: room, member: member, within: &steps) }
        case .pattern(_, let glob):
            guard let body = event.body else { return false }
            return glob.matchesWords(in: body, within: &steps)
        case .ownersLocalpart:
            guard let body = event.body, let localpart = member?.localpart else { return false }
            return localpart.occurs(in: body, within: &steps)
        case .room: return event.event.roomID.rawValue.hasSameBytes(as: id)
        case .sender: return event.event.sender.rawValue.hasSameBytes(as: id)
        }
    }

    /// The rule as clients see it.
    public func json(for owner: UserID) -> JSONObject {
        var json: JSONObject = [
            "rule_id": .string(id), "default": .bool(isDefault), "enabled": .bool(isEnabled), "actions": .array(actions),
        ]
        switch matter {
        case .conditions(let conditions): json["conditions"] = .array(conditions.map { .object($0.json(for: owner)) })
        case .pattern(let pattern, _): json["pattern"] = .string(pattern)
        case .ownersLocalpart: json["pattern"] = .string(String(owner.localpart))
        case .room, .sender: break
        }
        return json
    }
}

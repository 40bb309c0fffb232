public import MatrixModel

/// All push rules of one user: the server's default rules with the user's changes, and the user's own rules before them.
///
/// Only the rule `.m.rule.master` stands before the user's own. What is stored is what clients see (`m.push_rules`); of the default rules
/// in there only `enabled` and `actions` are taken, so that everybody has the default rules of the server that runs now.
public struct PushRuleset: Sendable, Equatable {
    /// The most that a user's rules may have together, in bytes of canonical JSON.
    public static let largestSize = 131_072
    static let masterID = ".m.rule.master"

    var override: [PushRule]
    var content: [PushRule]
    var room: [PushRule]
    var sender: [PushRule]
    var underride: [PushRule]

    /// The rules of a kind, the most important one first.
    public internal(set) subscript(kind: PushRuleKind) -> [PushRule] {
        get {
            switch kind {
            case .override: override
            case .content: content
            case .room: room
            case .sender: sender
            case .underride: underride
            }
        }
        set {
            switch kind {
            case .override: override = newValue
            case .content: content = newValue
            case .room: room = newValue
            case .sender: sender = newValue
            case .underride: underride = newValue
            }
        }
    }

    public func rule(_ id: String, of kind: PushRuleKind) -> PushRule? { self[kind].first { $0.id.hasSameBytes(as: id) } }

    /// What the rules make of an event. Nobody is notified of what they sent themselves.
    ///
    /// The user's own rules look at so much of the event and no more (``PushSteps``); those that come after that do not match.
    ///
    /// - Parameter member: whose rules these are; without one, the answer is that for somebody whom nothing in the event names.
    public func verdict(on event: PushEvent, in room: PushRoom, for member: PushMember?) -> PushVerdict {
        if let member, member.user == event.event.sender { return PushVerdict() }
        var steps = PushSteps()
        for kind in PushRuleKind.allCases {
            for rule in self[kind] where rule.isEnabled {
                if rule.matches(event, in: room, member: member, within: &steps) { return rule.verdict }
            }
        }
        return PushVerdict()
    }

    // MARK: JSON

    /// `{"global": …}`: what GET of all rules answers, and what `m.push_rules` holds.
    public func json(for owner: UserID) -> JSONObject { ["global": .object(globalJSON(for: owner))] }

    public func globalJSON(for owner: UserID) -> JSONObject {
        JSONObject(PushRuleKind.allCases.map { kind in (kind.rawValue, .array(self[kind].map { .object($0.json(for: owner)) })) })
    }

    /// The rules that were stored as `m.push_rules`. What does not have the shape of a rule is passed over.
    public init(parsing stored: JSONObject) {
        self = .standard
        let global = stored["global"]?.objectValue ?? [:]
        for kind in PushRuleKind.allCases {
            var own: [PushRule] = []
            for json in (global[kind.rawValue]?.arrayValue ?? []).compactMap(\.objectValue) {
                guard let id = json["rule_id"]?.stringValue, let actions = json["actions"]?.arrayValue else { continue }
                let isEnabled = json["enabled"]?.boolValue ?? true
                guard id.utf8.first != UInt8(ascii: ".") else {
                    change(id, of: kind) { rule in
                        rule.isEnabled = isEnabled
                        rule.setActions(actions)
                    }
                    continue
                }
                guard let matter = PushRule.Matter(kind, parsing: json) else { continue }
                own.append(PushRule(id: id, isEnabled: isEnabled, matter: matter, actions: actions))
            }
            self[kind].insert(contentsOf: own, at: firstOwnIndex(of: kind))
        }
    }

    init(override: [PushRule], content: [PushRule], underride: [PushRule]) {
        (self.override, self.content, self.underride) = (override, content, underride)
        (room, sender) = ([], [])
    }

    /// Where the user's own rules begin: the master rule stays before them.
    func firstOwnIndex(of kind: PushRuleKind) -> Int { self[kind].first?.id == Self.masterID ? 1 : 0 }

    /// Changes a rule; returns whether there is one of this id.
    @discardableResult
    mutating func change(_ id: String, of kind: PushRuleKind, _ change: (inout PushRule) -> Void) -> Bool {
        guard let index = self[kind].firstIndex(where: { $0.id.hasSameBytes(as: id) }) else { return false }
        change(&self[kind][index])
        return true
    }
}

extension PushRule.Matter {
    /// Nil for a content rule without a pattern. Conditions that are missing are none at all.
    init?(_ kind: PushRuleKind, parsing json: JSONObject) {
        switch kind {
        case .override, .underride:
            self = .conditions(
                (json["conditions"]?.arrayValue ?? []).compactMap(\.objectValue).map { PushCondition(parsing: $0) })
        case .content:
            guard let pattern = json["pattern"]?.stringValue else { return nil }
            self = .pattern(pattern, Glob(pattern))
        case .room: self = .room
        case .sender: self = .sender
        }
    }
}

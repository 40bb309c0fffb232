public import MatrixModel

/// Why a user's rules cannot be changed so.
public enum PushRuleError: Error, Equatable {
    /// There is no rule of this kind and id.
    case unknownRule
    /// Ids that begin with a dot are the server's; such rules are neither made nor deleted.
    case reservedID
    /// The id holds a slash or a backslash, or is empty or longer than 255 bytes.
    case invalidID
    /// `before` or `after` names no rule of the user's own of this kind.
    case unknownNeighbour(String)
    case missing(String)
    /// A member of the wrong shape; the sentence says which.
    case malformed(String)
    /// The user's rules would be larger than ``PushRuleset/largestSize`` together.
    case tooLarge
}

/// What users do to their rules. Nothing is changed where it throws.
extension PushRuleset {
    /// Where a new or changed rule goes among the user's own ones of its kind.
    public enum Place: Sendable, Equatable {
        /// To the front; a rule that is there already stays where it is.
        case unsaid
        /// Just before, or just after, another one.
        case before(String)
        case after(String)
    }

    /// Makes a rule of the user's own, or changes one. A changed rule stays enabled or disabled as it was.
    ///
    /// [PUT](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3pushrulesglobalkindruleid)
    public mutating func set(_ id: String, of kind: PushRuleKind, to json: JSONObject, at place: Place) throws(PushRuleError) {
        try Self.checkID(id)
        let actions = try Self.actions(in: json)
        try Self.checkConditions(of: kind, in: json)
        guard let matter = PushRule.Matter(kind, parsing: json) else { throw .missing("pattern") }
        if case .pattern(let pattern, _) = matter { try Self.checkPattern(pattern) }
        var rules = self[kind]
        let standing = rules.firstIndex { $0.id.hasSameBytes(as: id) }
        let isEnabled = standing.map { rules[$0].isEnabled } ?? true
        let rule = PushRule(id: id, isEnabled: isEnabled, matter: matter, actions: actions)
        if let standing, place == .unsaid {
            rules[standing] = rule
        } else {
            if let standing { rules.remove(at: standing) }
            rules.insert(rule, at: try Self.index(of: place, in: rules) ?? firstOwnIndex(of: kind))
        }
        var changed = self
        changed[kind] = rules
        // Whoever had more before there was a bound may still change them into fewer.
        guard changed.wildcardCount <= max(Self.mostWildcards, wildcardCount) else {
            throw .malformed("A user's rules have at most \(Self.mostWildcards) patterns with wildcards.")
        }
        guard changed.conditionCount <= max(Self.mostConditions, conditionCount) else {
            throw .malformed("A user's rules have at most \(Self.mostConditions) conditions and patterns together.")
        }
        self = changed
    }

    /// How many patterns of a user's rules may have wildcards: each costs with every message.
    static let mostWildcards = 100
    /// How many conditions and patterns a user's own rules may have together.
    static let mostConditions = 500

    private var wildcardCount: Int { count(\.wildcardCount) }
    private var conditionCount: Int { count(\.conditionCount) }

    private func count(_ number: (PushRule.Matter) -> Int) -> Int {
        PushRuleKind.allCases.reduce(0) { count, kind in
            self[kind].reduce(count) { $1.isDefault ? $0 : $0 + number($1.matter) }
        }
    }

    public mutating func delete(_ id: String, of kind: PushRuleKind) throws(PushRuleError) {
        guard let rule = rule(id, of: kind) else { throw .unknownRule }
        if rule.isDefault { throw .reservedID }
        self[kind].removeAll { $0.id.hasSameBytes(as: id) }
    }

    public mutating func setEnabled(_ isEnabled: Bool, _ id: String, of kind: PushRuleKind) throws(PushRuleError) {
        guard change(id, of: kind, { $0.isEnabled = isEnabled }) else { throw .unknownRule }
    }

    /// Takes over `actions` of a request.
    public mutating func setActions(in json: JSONObject, _ id: String, of kind: PushRuleKind) throws(PushRuleError) {
        let actions = try Self.actions(in: json)
        guard change(id, of: kind, { $0.setActions(actions) }) else { throw .unknownRule }
    }

    // MARK: Checks

    private static func checkID(_ id: String) throws(PushRuleError) {
        if id.utf8.first == UInt8(ascii: ".") { throw .reservedID }
        let isPlain = !id.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        guard isPlain, (1...255).contains(id.utf8.count) else { throw .invalidID }
    }

    private static func index(of place: Place, in rules: [PushRule]) throws(PushRuleError) -> Int? {
        let (neighbour, offset): (String, Int)
        switch place {
        case .unsaid: return nil
        case .before(let id): (neighbour, offset) = (id, 0)
        case .after(let id): (neighbour, offset) = (id, 1)
        }
        let index = rules.firstIndex { !$0.isDefault && $0.id.hasSameBytes(as: neighbour) }
        guard let index else { throw .unknownNeighbour(neighbour) }
        return index + offset
    }

    /// The actions without those that say nothing any more (`dont_notify`, `coalesce`).
    private static func actions(in json: JSONObject) throws(PushRuleError) -> [JSON] {
        guard let value = json["actions"], !value.isNull else { throw .missing("actions") }
        guard let actions = value.arrayValue else { throw .malformed("\"actions\" is a list.") }
        var kept: [JSON] = []
        for action in actions {
            switch action {
            case "dont_notify", "coalesce": continue
            case "notify": break
            case .object(let tweak) where tweak["set_tweak"]?.stringValue != nil: break
            default: throw .malformed("An action is \"notify\", or an object with the name of a tweak in \"set_tweak\".")
            }
            kept.append(action)
        }
        return kept
    }

    private static func checkPattern(_ pattern: String) throws(PushRuleError) {
        if Glob.isTooLong(pattern) { throw .malformed("A pattern has at most \(SearchableText.longest) characters.") }
        if !Glob(pattern).isUsable {
            throw .malformed("A pattern with wildcards has at most \(Glob.mostCharacters) characters beside them.")
        }
    }

    private static func checkConditions(of kind: PushRuleKind, in json: JSONObject) throws(PushRuleError) {
        switch kind {
        case .override, .underride:
            guard let value = json["conditions"], !value.isNull else { return }
            guard let conditions = value.arrayValue else { throw .malformed("\"conditions\" is a list.") }
            for condition in conditions {
                guard let condition = condition.objectValue, condition["kind"]?.stringValue != nil else {
                    throw .malformed("A condition is an object that has its \"kind\".")
                }
                if condition["kind"] == "event_match", let pattern = condition["pattern"]?.stringValue {
                    try checkPattern(pattern)
                }
            }
        case .content:
            guard let pattern = json["pattern"], !pattern.isNull else { throw .missing("pattern") }
            guard pattern.stringValue != nil else { throw .malformed("\"pattern\" is a string.") }
        case .room, .sender: return
        }
    }
}

extension PushRule.Matter {
    fileprivate var conditionCount: Int {
        switch self {
        case .conditions(let conditions): conditions.count
        case .pattern: 1
        case .ownersLocalpart, .room, .sender: 0
        }
    }

    fileprivate var wildcardCount: Int {
        switch self {
        case .conditions(let conditions): conditions.count(where: \.hasWildcards)
        case .pattern(_, let glob): glob.hasWildcards ? 1 : 0
        case .ownersLocalpart, .room, .sender: 0
        }
    }
}

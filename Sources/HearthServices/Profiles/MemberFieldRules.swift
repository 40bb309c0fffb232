import MatrixModel

/// In which rooms a new name or picture replaces what the member event says
/// ([MSC4466](https://github.com/matrix-org/matrix-spec-proposals/pull/4466)).
public enum ProfilePropagation: String, Sendable {
    /// In all of them.
    case all
    /// Where it is what the profile said before.
    case unchanged
    case none
}

/// What is to become of the name and the picture in a user's member events: for each of the two the changes of the profile that may not
/// have come to all rooms yet, the oldest first.
///
/// The changes are applied to a room one after the other, as if each had gone through all rooms before the next one was made.
struct MemberFieldRules: Sendable, Equatable {
    /// The fields of a profile that stand in member events too.
    static let fields = ["displayname", "avatar_url"]

    /// How many changes of one field, and how many values that one change replaces, are remembered; the oldest are forgotten first, and leave
    /// a room as it is.
    static let most = 8

    private var rules: [String: [Rule]] = [:]

    private struct Rule: Sendable, Equatable {
        /// The values that are replaced, null for a field that is not there; nil replaces every value.
        var from: [JSON]?
        /// Null removes the field.
        var to: JSON

        func applies(to value: JSON) -> Bool { from?.contains(value) ?? true }
    }

    init() {}

    /// Notes a change of the profile.
    mutating func note(_ propagation: ProfilePropagation, of field: String, from before: JSON?, to after: JSON?) {
        let (before, after) = (before ?? .null, after ?? .null)
        switch propagation {
        case .none: return
        case .all: rules[field] = [Rule(from: nil, to: after)]
        case .unchanged:
            if before == after { return }
            var standing = rules[field] ?? []
            if let last = standing.last, last.to == before {
                // What the last change has replaced, or is still to replace, becomes the new value.
                standing[standing.count - 1].to = after
                standing[standing.count - 1].from = last.from.map { Array(($0 + [before]).suffix(Self.most)) }
            } else {
                standing.append(Rule(from: [before], to: after))
            }
            rules[field] = Array(standing.suffix(Self.most))
        }
    }

    /// A member event's content after all of it. Neither the reason nor who authorised the join belongs to a new event.
    func applied(to member: JSONObject) -> JSONObject {
        var changed = member
        for (field, rules) in rules {
            let value = rules.reduce(member[field] ?? .null) { $1.applies(to: $0) ? $1.to : $0 }
            if value != member[field] ?? .null { changed[field] = value.isNull ? nil : value }
        }
        guard changed != member else { return member }
        changed["reason"] = nil
        changed["join_authorised_via_users_server"] = nil
        return changed
    }

    // MARK: As it is stored

    var json: JSONObject {
        JSONObject(
            rules.sorted { $0.key.precedesInBytes($1.key) }.map { field, rules in
                let values = rules.map { rule -> JSON in
                    var json: JSONObject = ["to": rule.to]
                    json["from"] = rule.from.map { .array($0) }
                    return .object(json)
                }
                return (field, .array(values))
            })
    }

    init(_ json: JSONObject) {
        for field in Self.fields {
            let rules = (json[field]?.arrayValue ?? []).compactMap { value -> Rule? in
                value.objectValue.map { Rule(from: $0["from"]?.arrayValue, to: $0["to"] ?? .null) }
            }
            if !rules.isEmpty { self.rules[field] = rules }
        }
    }
}

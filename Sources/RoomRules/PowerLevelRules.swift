import MatrixModel

/// The rules for a change of `m.room.power_levels`: nobody gives, takes or changes more power than they have.
struct PowerLevelRules {
    private static let singleLevels = [
        "users_default", "events_default", "state_default", "ban", "redact", "kick", "invite",
    ]

    private let rules: AuthRules
    private var content: JSONObject { rules.event.content }

    init(_ rules: AuthRules) { self.rules = rules }

    func check() throws(AuthRuleViolation) {
        try checkForm()
        guard let current = rules.state.event(.powerLevels)?.content else { return }
        for key in Self.singleLevels {
            try checkChange(of: "\"\(key)\"", from: current[key], to: content[key])
        }
        for map in ["events", "notifications"] {
            for key in changedKeys(in: map, of: current) {
                try checkChange(
                    of: "\"\(key)\" in \"\(map)\"", from: current[map]?.objectValue?[key], to: content[map]?.objectValue?[key])
            }
        }
        try checkUsers(current: current)
    }

    private func checkForm() throws(AuthRuleViolation) {
        for key in Self.singleLevels {
            if let value = content[key], value.integerValue == nil { throw violation("\"\(key)\" must be an integer.") }
        }
        for key in ["events", "notifications", "users"] {
            guard let value = content[key] else { continue }
            guard let members = value.objectValue?.members, members.allSatisfy({ $0.value.integerValue != nil }) else {
                throw violation("\"\(key)\" must be an object of integers.")
            }
        }
        for key in content["users"]?.objectValue?.members.map(\.key) ?? [] {
            guard let user = UserID(key) else { throw violation("\"users\" must hold user ids, which \"\(key)\" is not.") }
            if rules.event.version.hasPowerfulCreators && rules.levels.isCreator(user) {
                throw violation("\(user) created the room and cannot be given a power level.")
            }
        }
    }

    /// A user's level may be changed by whoever stands above it, and by the user.
    private func checkUsers(current: JSONObject) throws(AuthRuleViolation) {
        let own = rules.levels.level(of: rules.event.sender)
        for key in changedKeys(in: "users", of: current) {
            let (old, new) = (current["users"]?.objectValue?[key], content["users"]?.objectValue?[key])
            try checkChange(of: "the level of \(key)", from: old, to: new)
            if let old = old?.integerValue, .level(old) >= own, !key.hasSameBytes(as: rules.event.sender.rawValue) {
                throw violation("\(key) has power level \(old), which \(rules.event.sender) with \(own) cannot change.")
            }
        }
    }

    /// Neither the value that is taken away nor the one that is put in its place may be above the sender's level.
    private func checkChange(of name: String, from old: JSON?, to new: JSON?) throws(AuthRuleViolation) {
        if old == new { return }
        let own = rules.levels.level(of: rules.event.sender)
        for value in [old?.integerValue, new?.integerValue] {
            if let value, .level(value) > own {
                throw violation("\(rules.event.sender) with power level \(own) cannot set or change \(name) at \(value).")
            }
        }
    }

    private func changedKeys(in map: String, of current: JSONObject) -> [String] {
        let (old, new) = (current[map]?.objectValue ?? [:], content[map]?.objectValue ?? [:])
        return old.merging(new).members.map(\.key).filter { old[$0] != new[$0] }
    }

    private func violation(_ sentence: String) -> AuthRuleViolation { AuthRuleViolation(.powerLevels, sentence) }
}

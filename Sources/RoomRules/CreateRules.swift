import MatrixModel

/// Rule 1: what a create event must be to begin a room.
///
/// Stricter than the spec in one point: `room_version`, where it is given, must be the version whose rules are applied, because a
/// create event that names another one was brought to the wrong rules.
enum CreateRules {
    static func check(_ event: SignedEvent) throws(AuthRuleViolation) {
        guard event.prevEvents.isEmpty else {
            throw AuthRuleViolation(.create, "A create event comes first, but this one names previous events.")
        }
        if event.version.hasHashedRoomID {
            guard event.json["room_id"] == nil else {
                throw AuthRuleViolation(.create, "A create event of room version \(event.version.rawValue) may not name a room.")
            }
        } else {
            guard event.roomID.server == event.sender.server else {
                throw AuthRuleViolation(.create, "The server in \(event.roomID) is not that of its creator, \(event.sender).")
            }
        }
        if let named = event.content["room_version"], named != .string(event.version.rawValue) {
            throw AuthRuleViolation(.create, "The create event does not name room version \(event.version.rawValue).")
        }
        if event.version.hasPowerfulCreators, let creators = event.content["additional_creators"] {
            let areUserIDs = creators.arrayValue?.allSatisfy { $0.stringValue.flatMap { UserID($0) } != nil } ?? false
            guard areUserIDs else {
                throw AuthRuleViolation(.create, "\"additional_creators\" must be an array of user ids.")
            }
        }
    }
}

import MatrixModel

/// What stays of an event that is redacted: what the room's rules need, and nothing that a person wrote.
///
/// [Redactions](https://spec.matrix.org/v1.16/rooms/v11/#redactions), the same in versions 11 and 12. Signatures and the
/// reference hash cover just this, so that a redacted event keeps its id and its signatures.
enum Redaction {
    static func redact(_ json: JSONObject, version: RoomVersion) -> JSONObject {
        var redacted = json.keeping(keptKeys)
        if let content = json["content"]?.objectValue {
            let type = EventType(json["type"]?.stringValue ?? "")
            redacted["content"] = .object(redact(content: content, of: type, version: version))
        }
        return redacted
    }

    static func redact(content: JSONObject, of type: EventType, version: RoomVersion) -> JSONObject {
        if type == .create { return content }
        var kept = content.keeping(keptContentKeys[type] ?? [])
        // Of a third-party invite its signed part stays. A non-object has none and goes; an object without one stays, empty.
        if type == .member, let invite = content["third_party_invite"]?.objectValue {
            kept["third_party_invite"] = .object(invite.keeping(["signed"]))
        }
        return kept
    }

    private static let keptKeys = [
        "auth_events", "content", "depth", "event_id", "hashes", "origin_server_ts", "prev_events", "room_id", "sender",
        "signatures", "state_key", "type",
    ]

    private static let keptContentKeys: [EventType: [String]] = [
        .member: ["join_authorised_via_users_server", "membership"],
        .joinRules: ["allow", "join_rule"],
        .powerLevels: [
            "ban", "events", "events_default", "invite", "kick", "redact", "state_default", "users", "users_default",
        ],
        .historyVisibility: ["history_visibility"],
        .redaction: ["redacts"],
    ]
}

import MatrixModel

extension PushRuleset {
    /// The default rules, as everybody has them who never changed one.
    ///
    /// [Predefined rules](https://spec.matrix.org/v1.16/client-server-api/#predefined-rules), in the spec's order.
    public static let standard = PushRuleset(override: overrides, content: contents, underride: underrides)

    private static let overrides: [PushRule] = [
        rule(masterID, isEnabled: false, [], []),
        rule(".m.rule.suppress_notices", [match("content.msgtype", "m.notice")], []),
        rule(
            ".m.rule.invite_for_me",
            [match("type", "m.room.member"), match("content.membership", "invite"), .stateKeyIsOwner], notify(sound: "default")),
        rule(".m.rule.member_event", [match("type", "m.room.member")], []),
        rule(".m.rule.is_user_mention", [.ownerIsMentioned], notify(sound: "default", highlights: true)),
        rule(
            ".m.rule.contains_display_name", [condition(["kind": "contains_display_name"])],
            notify(sound: "default", highlights: true)),
        rule(
            ".m.rule.is_room_mention",
            [condition(["kind": "event_property_is", "key": "content.m\\.mentions.room", "value": true]), mayNotifyRoom],
            notify(highlights: true)),
        rule(".m.rule.roomnotif", [match("content.body", "@room"), mayNotifyRoom], notify(highlights: true)),
        rule(".m.rule.tombstone", [match("type", "m.room.tombstone"), match("state_key", "")], notify(highlights: true)),
        rule(".m.rule.reaction", [match("type", "m.reaction")], []),
        rule(".m.rule.room.server_acl", [match("type", "m.room.server_acl"), match("state_key", "")], []),
        rule(
            ".m.rule.suppress_edits",
            [condition(["kind": "event_property_is", "key": "content.m\\.relates_to.rel_type", "value": "m.replace"])], []),
    ]

    private static let contents = [
        PushRule(
            id: ".m.rule.contains_user_name", isDefault: true, matter: .ownersLocalpart,
            actions: notify(sound: "default", highlights: true))
    ]

    private static let underrides: [PushRule] = [
        rule(".m.rule.call", [match("type", "m.call.invite")], notify(sound: "ring")),
        rule(
            ".m.rule.encrypted_room_one_to_one", [twoMembers, match("type", "m.room.encrypted")], notify(sound: "default")),
        rule(".m.rule.room_one_to_one", [twoMembers, match("type", "m.room.message")], notify(sound: "default")),
        rule(".m.rule.message", [match("type", "m.room.message")], notify()),
        rule(".m.rule.encrypted", [match("type", "m.room.encrypted")], notify()),
    ]

    private static func rule(
        _ id: String, isEnabled: Bool = true, _ conditions: [PushCondition], _ actions: [JSON]
    ) -> PushRule {
        PushRule(id: id, isDefault: true, isEnabled: isEnabled, matter: .conditions(conditions), actions: actions)
    }

    private static func condition(_ json: JSONObject) -> PushCondition { PushCondition(parsing: json) }

    private static func match(_ key: String, _ pattern: String) -> PushCondition {
        condition(["kind": "event_match", "key": .string(key), "pattern": .string(pattern)])
    }

    private static let mayNotifyRoom = condition(["kind": "sender_notification_permission", "key": "room"])
    private static let twoMembers = condition(["kind": "room_member_count", "is": "2"])

    private static func notify(sound: String? = nil, highlights: Bool = false) -> [JSON] {
        var actions: [JSON] = ["notify"]
        if let sound { actions.append(["set_tweak": "sound", "value": .string(sound)]) }
        if highlights { actions.append(["set_tweak": "highlight"]) }
        return actions
    }
}

public import MatrixModel

/// An event as push rules look at it; made once for all the members of its room.
public struct PushEvent: Sendable {
    let event: PersistedEvent
    /// `content.body`, if it is a text.
    let body: FoldedText?
    /// Whether the sender says who is mentioned: then names in the text mention nobody
    /// ([m.mentions](https://spec.matrix.org/v1.16/client-server-api/#definition-mmentions)).
    let hasMentions: Bool
    /// The users whom the sender names in `m.mentions`.
    let mentionedUsers: Set<UserID>

    public init(_ event: PersistedEvent) {
        self.event = event
        body = event.content["body"]?.stringValue.map { FoldedText($0) }
        let mentions = event.content["m.mentions"]
        hasMentions = mentions != nil
        let named = mentions?.objectValue?["user_ids"]?.arrayValue ?? []
        mentionedUsers = Set(named.compactMap { $0.stringValue.flatMap { UserID($0) } })
    }

    /// The property at the end of a path, in the event's client format without `unsigned`; nil where there is none.
    func value(at path: PropertyPath) -> JSON? {
        guard let first = path.keys.first else { return nil }
        let top: JSON? =
            switch first {
            case "content": .object(event.content)
            case "type": .string(event.type.rawValue)
            case "sender": .string(event.sender.rawValue)
            case "room_id": .string(event.roomID.rawValue)
            case "event_id": .string(event.eventID.rawValue)
            case "state_key": event.stateKey.map { .string($0) }
            case "origin_server_ts": .integer(event.originServerTS.milliseconds)
            default: nil
            }
        var value = top
        for key in path.keys.dropFirst() {
            guard let object = value?.objectValue else { return nil }
            value = object[key]
        }
        return value
    }
}

extension PropertyPath {
    static let body = PropertyPath("content.body")
}

/// What rules ask of the room beside the event.
public struct PushRoom: Sendable {
    /// How many have joined.
    let memberCount: Int
    /// The sender's power; `Int64.max` for a creator who stands above all levels.
    let senderLevel: Int64
    /// `notifications` of the power levels.
    let notificationLevels: JSONObject

    public init(memberCount: Int, senderLevel: Int64, notificationLevels: JSONObject) {
        self.memberCount = memberCount
        self.senderLevel = senderLevel
        self.notificationLevels = notificationLevels
    }

    /// [The level](https://spec.matrix.org/v1.16/client-server-api/#mroompower_levels) that is not set is 50.
    func senderMayNotify(_ key: String) -> Bool { senderLevel >= notificationLevels[key]?.integerValue ?? 50 }
}

/// The user whose rules are asked.
public struct PushMember: Sendable {
    public let user: UserID
    let localpart: WordLiteral
    /// The beginning of the name in the room (``SearchableText``); nil for a member without one.
    let displayName: WordLiteral?

    /// - Parameter displayName: the empty one counts as none.
    public init(user: UserID, displayName: String?) {
        self.user = user
        localpart = WordLiteral(String(user.localpart))
        self.displayName = displayName.flatMap { $0.isEmpty ? nil : WordLiteral(folded: SearchableText.folded($0)) }
    }
}

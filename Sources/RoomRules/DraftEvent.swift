public import MatrixModel

/// What is to become an event: everything a server decides, before it is hashed and signed.
public struct DraftEvent: Sendable {
    /// Nil only for the `m.room.create` of a room of version 12, whose id is the hash of that event.
    public var roomID: RoomID?
    public var type: EventType
    public var stateKey: String?
    public var sender: UserID
    public var content: JSONObject
    public var originServerTS: MatrixTimestamp
    public var depth: Int64
    public var prevEvents: [EventID]
    public var authEvents: [EventID]

    public init(
        roomID: RoomID?, type: EventType, stateKey: String?, sender: UserID, content: JSONObject, originServerTS: MatrixTimestamp,
        depth: Int64, prevEvents: [EventID], authEvents: [EventID]
    ) {
        self.roomID = roomID
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.content = content
        self.originServerTS = originServerTS
        self.depth = depth
        self.prevEvents = prevEvents
        self.authEvents = authEvents
    }

    /// The event with content hash, signature and id, within all limits.
    ///
    /// [Signing events](https://spec.matrix.org/v1.16/server-server-api/#signing-events).
    /// The bytes that are signed are the ones whose hash is the id, so they are written once.
    public func signed(by key: SigningKey, version: RoomVersion) throws(EventFormatError) -> SignedEvent {
        try checkFields(version: version)
        var json = unhashedJSON
        let unhashed = json.bytes
        let hashes: JSONObject = ["sha256": .string(Base64.encode(EventHashes.sha256(unhashed)))]
        json["hashes"] = .object(hashes)

        let essence = Redaction.redact(json, version: version).bytes
        let signature = Base64.encode(key.sign(essence))
        let signatures: JSONObject = [key.server.rawValue: .object([key.keyID: .string(signature)])]
        json["signatures"] = .object(signatures)

        let added = ",\"hashes\":".utf8.count + hashes.bytes.count + ",\"signatures\":".utf8.count + signatures.bytes.count
        try EventLimits.check("event", bytes: unhashed.count + added, limit: EventLimits.event)

        let id = EventID(referenceHash: EventHashes.sha256(essence))
        guard let roomID = roomID ?? RoomID(createEvent: id) else { throw .missing(field: "room_id") }
        return SignedEvent(draft: self, roomID: roomID, json: json, id: id, version: version)
    }

    private func checkFields(version: RoomVersion) throws(EventFormatError) {
        if version.hasHashedRoomID && type == .create {
            if roomID != nil { throw .unexpected(field: "room_id") }
        } else if roomID == nil {
            throw .missing(field: "room_id")
        }
        try EventLimits.check("type", bytes: type.rawValue.utf8.count, limit: EventLimits.field)
        if let stateKey { try EventLimits.check("state_key", bytes: stateKey.utf8.count, limit: EventLimits.field) }
        try EventLimits.check("prev_events", count: prevEvents.count, limit: EventLimits.prevEvents)
        try EventLimits.check("auth_events", count: authEvents.count, limit: EventLimits.authEvents)
        guard (0...JSON.largestInteger).contains(depth) else { throw .outOfRange(field: "depth") }
        guard (0...JSON.largestInteger).contains(originServerTS.milliseconds) else {
            throw .outOfRange(field: "origin_server_ts")
        }
        guard JSON.object(content).isCanonical else { throw .notCanonicalJSON }
    }

    private var unhashedJSON: JSONObject {
        var json: JSONObject = [
            "auth_events": .array(authEvents.map { .string($0.rawValue) }),
            "content": .object(content),
            "depth": .integer(depth),
            "origin_server_ts": .integer(originServerTS.milliseconds),
            "prev_events": .array(prevEvents.map { .string($0.rawValue) }),
            "sender": .string(sender.rawValue),
            "type": .string(type.rawValue),
        ]
        if let roomID { json["room_id"] = .string(roomID.rawValue) }
        if let stateKey { json["state_key"] = .string(stateKey) }
        return json
    }
}

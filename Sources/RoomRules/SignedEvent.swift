public import MatrixModel

/// A whole, well-formed event in federation format, with hashes and signatures, whose id is known.
///
/// Well-formed means: every field that the room version asks for is there with its type, within its size, as canonical JSON. It
/// does not mean that a hash or a signature is right: ``hasValidContentHash()`` and ``isSigned(by:keyID:publicKey:)`` tell. The
/// next step is ``authorized(against:)``.
public struct SignedEvent: Sendable {
    public let version: RoomVersion
    public let id: EventID
    /// For a create event of version 12 the room that it begins, from its own id.
    public let roomID: RoomID
    public let type: EventType
    /// The state key; nil for an event that is no state.
    public let stateKey: String?
    public let sender: UserID
    public let content: JSONObject
    public let originServerTS: MatrixTimestamp
    public let depth: Int64
    public let prevEvents: [EventID]
    public let authEvents: [EventID]
    /// Federation format with hashes and signatures, without `unsigned`.
    public let json: JSONObject
    /// False for what stands in for an event that cannot be read any more.
    public let isReadable: Bool

    /// An event as another server sent it: checks format and size and computes the id, but verifies no hash and no signature.
    ///
    /// `unsigned` is left out before anything is measured: nothing vouches for it, and servers change it on the way.
    public init(parsing json: JSONObject, version: RoomVersion) throws(EventFormatError) {
        var json = json
        json["unsigned"] = nil
        guard JSON.object(json).isCanonical else { throw .notCanonicalJSON }
        try EventLimits.check("event", bytes: json.bytes.count, limit: EventLimits.event)
        let fields = try EventFields(reading: json, version: version)
        let id = EventID(referenceHash: EventHashes.reference(of: json, version: version))
        try self.init(fields: fields, json: json, id: id, version: version)
    }

    /// An event that was stored with its id: trusts the id and skips what costs time, the hash and the measuring of the whole.
    public init(stored json: JSONObject, id: EventID, version: RoomVersion) throws(EventFormatError) {
        try self.init(fields: EventFields(reading: json, version: version), json: json, id: id, version: version)
    }

    private init(fields: EventFields, json: JSONObject, id: EventID, version: RoomVersion) throws(EventFormatError) {
        guard let roomID = fields.roomID ?? RoomID(createEvent: id) else { throw .malformedIdentifier(field: "room_id") }
        self.version = version
        self.id = id
        self.roomID = roomID
        type = fields.type
        stateKey = fields.stateKey
        sender = fields.sender
        content = fields.content
        originServerTS = fields.originServerTS
        depth = fields.depth
        prevEvents = fields.prevEvents
        authEvents = fields.authEvents
        self.json = json
        isReadable = true
    }

    /// What stands in for a stored event whose JSON cannot be read: what else is known of it, in the format of an event, without
    /// hashes, signatures and predecessors. It can be redacted, be replaced as state, and judge others.
    public init(
        standingInFor id: EventID, roomID: RoomID, type: EventType, stateKey: String?, sender: UserID, content: JSONObject,
        originServerTS: MatrixTimestamp, depth: Int64, version: RoomVersion
    ) {
        self.version = version
        self.id = id
        self.roomID = roomID
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.content = content
        self.originServerTS = originServerTS
        self.depth = depth
        prevEvents = []
        authEvents = []
        var json: JSONObject = [
            "auth_events": [], "content": .object(content), "depth": .integer(depth), "hashes": ["sha256": ""],
            "origin_server_ts": .integer(originServerTS.milliseconds), "prev_events": [], "sender": .string(sender.rawValue),
            "signatures": [:], "type": .string(type.rawValue),
        ]
        if let stateKey { json["state_key"] = .string(stateKey) }
        if !(version.hasHashedRoomID && type == .create) { json["room_id"] = .string(roomID.rawValue) }
        self.json = json
        isReadable = false
    }

    /// A draft that was just hashed and signed.
    init(draft: DraftEvent, roomID: RoomID, json: JSONObject, id: EventID, version: RoomVersion) {
        self.version = version
        self.id = id
        self.roomID = roomID
        type = draft.type
        stateKey = draft.stateKey
        sender = draft.sender
        content = draft.content
        originServerTS = draft.originServerTS
        depth = draft.depth
        prevEvents = draft.prevEvents
        authEvents = draft.authEvents
        self.json = json
        isReadable = true
    }

    private init(redacting event: SignedEvent) {
        version = event.version
        id = event.id
        roomID = event.roomID
        type = event.type
        stateKey = event.stateKey
        sender = event.sender
        content = Redaction.redact(content: event.content, of: event.type, version: event.version)
        originServerTS = event.originServerTS
        depth = event.depth
        prevEvents = event.prevEvents
        authEvents = event.authEvents
        json = Redaction.redact(event.json, version: event.version)
        isReadable = true
    }

    /// The event with everything gone that redaction takes away; its id and its signatures stay.
    public func redacted() -> SignedEvent { SignedEvent(redacting: self) }

    /// What the event replaces in the room's state; nil for an event that is no state.
    public var stateIdentity: StateKey? { stateKey.map { StateKey(type, $0) } }

    /// The event that this one redacts; nil for all types but `m.room.redaction`.
    public var redacts: EventID? {
        type == .redaction ? content["redacts"]?.stringValue.flatMap { EventID($0) } : nil
    }

    /// `membership` of an `m.room.member`; nil for other types and for values that Matrix does not know.
    var membership: Membership? {
        type == .member ? content["membership"]?.stringValue.flatMap(Membership.init(rawValue:)) : nil
    }
}

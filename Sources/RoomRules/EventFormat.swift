import MatrixModel

/// Why a JSON object, or a draft, is no event. Each says in a sentence which field is wrong and what it should be.
public enum EventFormatError: Error, Equatable, Sendable, CustomStringConvertible {
    case missing(field: String)
    case unexpected(field: String)
    case wrongType(field: String, expected: String)
    /// The text does not fit the grammar of the identifier that the field holds.
    case malformedIdentifier(field: String)
    case outOfRange(field: String)
    /// A number that canonical JSON does not have: a fraction, or beyond ±(2^53 - 1).
    case notCanonicalJSON
    /// Sizes in bytes. `field` is `event` for the whole event as canonical JSON.
    case tooLarge(field: String, bytes: Int, limit: Int)
    case tooMany(field: String, count: Int, limit: Int)

    public var description: String {
        switch self {
        case .missing(let field): "The event has no \"\(field)\"."
        case .unexpected(let field): "The event may not have \"\(field)\": a room's id is the hash of this event."
        case .wrongType(let field, let expected): "\"\(field)\" of the event must be \(expected)."
        case .malformedIdentifier(let field): "\"\(field)\" of the event is no valid identifier."
        case .outOfRange(let field): "\"\(field)\" of the event must be within 0 and 2^53 - 1."
        case .notCanonicalJSON: "The event holds a number that is no integer within ±(2^53 - 1)."
        case .tooLarge("event", let bytes, let limit): "The event takes \(bytes) bytes, but \(limit) is the limit."
        case .tooLarge(let field, let bytes, let limit): "\"\(field)\" takes \(bytes) bytes, but \(limit) is the limit."
        case .tooMany(let field, let count, let limit): "\"\(field)\" names \(count) events, but \(limit) is the limit."
        }
    }
}

/// The limits of [size](https://spec.matrix.org/v1.16/client-server-api/#size-limits) and number that every event keeps.
enum EventLimits {
    /// The whole event as canonical JSON with hashes and signatures, in bytes.
    static let event = 65_536
    /// `sender`, `room_id`, `state_key`, `type` and `event_id`, in bytes.
    static let field = 255
    static let prevEvents = 20
    static let authEvents = 10

    static func check(_ field: String, bytes: Int, limit: Int) throws(EventFormatError) {
        if bytes > limit { throw .tooLarge(field: field, bytes: bytes, limit: limit) }
    }

    static func check(_ field: String, count: Int, limit: Int) throws(EventFormatError) {
        if count > limit { throw .tooMany(field: field, count: count, limit: limit) }
    }
}

/// The fields of an event in federation format, read and checked: type, grammar, size and number.
///
/// [Event format](https://spec.matrix.org/v1.16/rooms/v11/#event-format). `room_id` is missing only where the version says so.
struct EventFields {
    var roomID: RoomID?
    var type: EventType
    var stateKey: String?
    var sender: UserID
    var content: JSONObject
    var originServerTS: MatrixTimestamp
    var depth: Int64
    var prevEvents: [EventID]
    var authEvents: [EventID]

    init(reading json: JSONObject, version: RoomVersion) throws(EventFormatError) {
        let type = try json.shortString("type")
        self.type = EventType(type)
        guard let sender = UserID(try json.shortString("sender")) else { throw .malformedIdentifier(field: "sender") }
        self.sender = sender
        stateKey = json["state_key"] == nil ? nil : try json.shortString("state_key")
        content = try json.object("content")
        originServerTS = MatrixTimestamp(milliseconds: try json.integer("origin_server_ts"))
        depth = try json.integer("depth")
        guard depth >= 0 else { throw .outOfRange(field: "depth") }
        prevEvents = try json.eventIDs("prev_events", limit: EventLimits.prevEvents)
        authEvents = try json.eventIDs("auth_events", limit: EventLimits.authEvents)
        if json["event_id"] != nil { _ = try json.shortString("event_id") }
        if version.hasHashedRoomID && self.type == .create {
            roomID = nil
        } else {
            guard let roomID = RoomID(try json.shortString("room_id")) else { throw .malformedIdentifier(field: "room_id") }
            self.roomID = roomID
        }
        guard try json.object("hashes")["sha256"]?.stringValue != nil else {
            throw .wrongType(field: "hashes", expected: "an object with a string \"sha256\"")
        }
        for server in try json.object("signatures").members {
            guard let keys = server.value.objectValue, keys.members.allSatisfy({ $0.value.stringValue != nil }) else {
                throw .wrongType(field: "signatures", expected: "an object of objects of strings")
            }
        }
    }
}

extension JSONObject {
    fileprivate func required(_ field: String) throws(EventFormatError) -> JSON {
        guard let value = self[field] else { throw .missing(field: field) }
        return value
    }

    /// A string within the limit for fields.
    fileprivate func shortString(_ field: String) throws(EventFormatError) -> String {
        guard let string = try required(field).stringValue else { throw .wrongType(field: field, expected: "a string") }
        try EventLimits.check(field, bytes: string.utf8.count, limit: EventLimits.field)
        return string
    }

    fileprivate func integer(_ field: String) throws(EventFormatError) -> Int64 {
        guard let value = try required(field).integerValue else { throw .wrongType(field: field, expected: "an integer") }
        return value
    }

    fileprivate func object(_ field: String) throws(EventFormatError) -> JSONObject {
        guard let value = try required(field).objectValue else { throw .wrongType(field: field, expected: "an object") }
        return value
    }

    fileprivate func eventIDs(_ field: String, limit: Int) throws(EventFormatError) -> [EventID] {
        guard let values = try required(field).arrayValue else {
            throw .wrongType(field: field, expected: "an array of event ids")
        }
        try EventLimits.check(field, count: values.count, limit: limit)
        var ids: [EventID] = []
        for value in values {
            guard let text = value.stringValue else { throw .wrongType(field: field, expected: "an array of event ids") }
            guard let id = EventID(text) else { throw .malformedIdentifier(field: field) }
            ids.append(id)
        }
        return ids
    }
}

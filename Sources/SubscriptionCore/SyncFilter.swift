public import MatrixModel

/// A sync filter that was checked: what of each part of a sync a client wants.
///
/// [Filtering](https://spec.matrix.org/v1.16/client-server-api/#filtering). `event_fields` and the federation `event_format` are
/// accepted and not applied: a client gets more than it asked for, never less.
public struct SyncFilter: Sendable {
    public var presence = EventFilter()
    public var accountData = EventFilter()
    public var timeline = EventFilter()
    public var state = EventFilter()
    public var roomAccountData = EventFilter()
    public var ephemeral = EventFilter()
    /// Rooms to tell of; nil for all.
    public var rooms: Set<RoomID>?
    public var notRooms: Set<RoomID> = []
    public var includesLeft = false

    public init() {}

    /// - Throws: ``FilterError`` for a member of the wrong shape.
    public init(parsing json: JSONObject) throws(FilterError) {
        presence = try EventFilter(json["presence"], at: "presence")
        accountData = try EventFilter(json["account_data"], at: "account_data")
        guard let room = json["room"] else { return }
        guard let room = room.objectValue else { throw FilterError("room", "an object") }
        timeline = try EventFilter(room["timeline"], at: "room.timeline")
        state = try EventFilter(room["state"], at: "room.state")
        roomAccountData = try EventFilter(room["account_data"], at: "room.account_data")
        ephemeral = try EventFilter(room["ephemeral"], at: "room.ephemeral")
        rooms = try FilterValue.strings(room["rooms"], at: "room.rooms").map { Set($0.compactMap { RoomID($0) }) }
        notRooms = Set(try FilterValue.strings(room["not_rooms"], at: "room.not_rooms")?.compactMap { RoomID($0) } ?? [])
        includesLeft = try FilterValue.bool(room["include_leave"], at: "room.include_leave") ?? false
    }

    public func includes(_ room: RoomID) -> Bool {
        !notRooms.contains(room) && (rooms?.contains(room) ?? true)
    }
}

/// A filter of events: by type, sender and room, and how many.
public struct EventFilter: Sendable {
    /// How many events there are at most; nil leaves it to the endpoint.
    public var limit: Int?
    public var types: [String]?
    public var notTypes: [String] = []
    public var senders: Set<UserID>?
    public var notSenders: Set<UserID> = []
    public var rooms: Set<RoomID>?
    public var notRooms: Set<RoomID> = []
    public var containsURL: Bool?
    public var lazyLoadsMembers = false

    public init() {}

    public init(_ value: JSON?, at path: String) throws(FilterError) {
        guard let value else { return }
        guard let json = value.objectValue else { throw FilterError(path, "an object") }
        if let limit = json["limit"], !limit.isNull {
            guard let number = limit.integerValue, number >= 0 else { throw FilterError(path + ".limit", "a number, 0 or more") }
            self.limit = Int(number)
        }
        types = try FilterValue.strings(json["types"], at: path + ".types")
        notTypes = try FilterValue.strings(json["not_types"], at: path + ".not_types") ?? []
        senders = try FilterValue.strings(json["senders"], at: path + ".senders").map { Set($0.compactMap { UserID($0) }) }
        notSenders = Set(try FilterValue.strings(json["not_senders"], at: path + ".not_senders")?.compactMap { UserID($0) } ?? [])
        rooms = try FilterValue.strings(json["rooms"], at: path + ".rooms").map { Set($0.compactMap { RoomID($0) }) }
        notRooms = Set(try FilterValue.strings(json["not_rooms"], at: path + ".not_rooms")?.compactMap { RoomID($0) } ?? [])
        containsURL = try FilterValue.bool(json["contains_url"], at: path + ".contains_url")
        // Members come again with every answer that shows them: a client may always have asked for the redundant ones.
        _ = try FilterValue.bool(json["include_redundant_members"], at: path + ".include_redundant_members")
        lazyLoadsMembers = try FilterValue.bool(json["lazy_load_members"], at: path + ".lazy_load_members") ?? false
    }

    /// Whether every event passes.
    public var isOpen: Bool {
        types == nil && notTypes.isEmpty && senders == nil && notSenders.isEmpty && rooms == nil && notRooms.isEmpty
            && containsURL == nil
    }

    public func includes(_ event: PersistedEvent) -> Bool {
        if isOpen { return true }
        if let containsURL, (event.content["url"]?.stringValue != nil) != containsURL { return false }
        return includes(type: event.type, sender: event.sender) && includes(event.roomID)
    }

    public func includes(type: EventType, sender: UserID?) -> Bool {
        if notTypes.contains(where: { Self.matches(type.rawValue, pattern: $0) }) { return false }
        if let types, !types.contains(where: { Self.matches(type.rawValue, pattern: $0) }) { return false }
        guard let sender else { return true }
        return !notSenders.contains(sender) && (senders?.contains(sender) ?? true)
    }

    public func includes(_ room: RoomID) -> Bool {
        !notRooms.contains(room) && (rooms?.contains(room) ?? true)
    }

    /// Whether a type fits a pattern in which `*` stands for any text.
    static func matches(_ type: String, pattern: String) -> Bool {
        guard pattern.utf8.contains(UInt8(ascii: "*")) else { return type.hasSameBytes(as: pattern) }
        let parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        var rest = Array(type.utf8)[...]
        guard let first = parts.first, let last = parts.last, rest.starts(with: first) else { return false }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let start = firstIndex(of: Array(part), in: rest) else { return false }
            rest = rest[(start + part.count)...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    private static func firstIndex(of needle: [UInt8], in haystack: ArraySlice<UInt8>) -> Int? {
        if needle.isEmpty { return haystack.startIndex }
        guard haystack.count >= needle.count else { return nil }
        return (haystack.startIndex...(haystack.endIndex - needle.count)).first { haystack[$0...].starts(with: needle) }
    }
}

/// A filter that does not have the spec's shape.
public struct FilterError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ path: String, _ expected: String) { description = "\"\(path)\" of a filter is \(expected)." }
}

/// Reads members of a filter.
enum FilterValue {
    static func strings(_ value: JSON?, at path: String) throws(FilterError) -> [String]? {
        guard let value, !value.isNull else { return nil }
        guard let values = value.arrayValue else { throw FilterError(path, "a list of strings") }
        var strings: [String] = []
        for value in values {
            guard let string = value.stringValue else { throw FilterError(path, "a list of strings") }
            strings.append(string)
        }
        return strings
    }

    static func bool(_ value: JSON?, at path: String) throws(FilterError) -> Bool? {
        guard let value, !value.isNull else { return nil }
        guard let bool = value.boolValue else { throw FilterError(path, "true or false") }
        return bool
    }
}

public import MatrixModel

/// A sync filter that was checked: what of each part of a sync a client wants.
///
/// [Filtering](https://spec.matrix.org/v1.16/client-server-api/#filtering).
///
/// A class, so that handing on a request hands on one reference and not the dozens of lists that a filter may have.
public final class SyncFilter: Sendable {
    public let presence: EventFilter
    public let accountData: EventFilter
    public let timeline: EventFilter
    public let state: EventFilter
    public let roomAccountData: EventFilter
    public let ephemeral: EventFilter
    /// Rooms to tell of; nil for all.
    public let rooms: Set<RoomID>?
    public let notRooms: Set<RoomID>
    public let includesLeft: Bool
    /// How rooms' events are written.
    public let form: EventForm
    /// The fields of profiles that the client wants to be told of.
    public let profileFields: ProfileFields

    /// What a client that names no filter asks for.
    public static let open = SyncFilter()

    private init() {
        (presence, accountData) = (EventFilter(), EventFilter())
        (timeline, state, roomAccountData, ephemeral) = (EventFilter(), EventFilter(), EventFilter(), EventFilter())
        (rooms, notRooms, includesLeft) = (nil, [], false)
        (form, profileFields) = (EventForm(), ProfileFields())
    }

    /// - Parameter isStored: whether it was accepted once: then its lists may be longer than ``EventFilter/mostEntries``.
    /// - Throws: ``FilterError`` for a member of the wrong shape, or a list that is too long.
    public init(parsing json: JSONObject, isStored: Bool = false) throws(FilterError) {
        form = try EventForm(json, isStored: isStored)
        presence = try EventFilter(json["presence"], at: "presence", isStored: isStored)
        accountData = try EventFilter(json["account_data"], at: "account_data", isStored: isStored)
        profileFields = try ProfileFields(parsing: json, isStored: isStored)
        let value = json["room"] ?? .object([:])
        guard let room = value.objectValue else { throw FilterError("room", "an object") }
        timeline = try EventFilter(room["timeline"], at: "room.timeline", isStored: isStored)
        state = try EventFilter(room["state"], at: "room.state", isStored: isStored)
        roomAccountData = try EventFilter(room["account_data"], at: "room.account_data", isStored: isStored)
        ephemeral = try EventFilter(room["ephemeral"], at: "room.ephemeral", isStored: isStored)
        let lists = FilterLists(json: room, path: "room", isStored: isStored)
        rooms = try lists["rooms"].map { Set($0.compactMap { RoomID($0) }) }
        notRooms = Set(try lists["not_rooms"]?.compactMap { RoomID($0) } ?? [])
        includesLeft = try FilterValue.bool(room["include_leave"], at: "room.include_leave") ?? false
    }

    public func includes(_ room: RoomID) -> Bool {
        !notRooms.contains(room) && (rooms?.contains(room) ?? true)
    }
}

/// A filter of events: by type, sender and room, and how many.
public struct EventFilter: Sendable {
    /// How many types, senders and rooms each may be named, to be taken or left out.
    public static let mostEntries = 100

    /// How many events there are at most; nil leaves it to the endpoint.
    public var limit: Int?
    public var types: TypePatterns?
    public var notTypes: TypePatterns = []
    public var senders: Set<UserID>?
    public var notSenders: Set<UserID> = []
    public var rooms: Set<RoomID>?
    public var notRooms: Set<RoomID> = []
    public var containsURL: Bool?
    public var lazyLoadsMembers = false
    /// Whose events are left out whatever else is said, state excepted: no part of what a client asks for.
    public var ignored: IgnoredUsers?

    public init() {}

    /// - Parameter isStored: as in ``SyncFilter/init(parsing:isStored:)``.
    public init(_ value: JSON?, at path: String, isStored: Bool = false) throws(FilterError) {
        guard let value else { return }
        guard let json = value.objectValue else { throw FilterError(path, "an object") }
        if let limit = json["limit"], !limit.isNull {
            guard let number = limit.integerValue, number >= 0 else { throw FilterError(path + ".limit", "a number, 0 or more") }
            self.limit = Int(number)
        }
        let lists = FilterLists(json: json, path: path, isStored: isStored)
        types = try lists["types"].map { TypePatterns($0) }
        // A client rather gets more than it asked for.
        if types?.isCut == true { types = nil }
        notTypes = TypePatterns(try lists["not_types"] ?? [])
        senders = try lists["senders"].map { Set($0.compactMap { UserID($0) }) }
        notSenders = Set(try lists["not_senders"]?.compactMap { UserID($0) } ?? [])
        rooms = try lists["rooms"].map { Set($0.compactMap { RoomID($0) }) }
        notRooms = Set(try lists["not_rooms"]?.compactMap { RoomID($0) } ?? [])
        containsURL = try FilterValue.bool(json["contains_url"], at: path + ".contains_url")
        // Members come again with every answer that shows them: a client may always have asked for the redundant ones.
        _ = try FilterValue.bool(json["include_redundant_members"], at: path + ".include_redundant_members")
        lazyLoadsMembers = try FilterValue.bool(json["lazy_load_members"], at: path + ".lazy_load_members") ?? false
    }

    /// Whether every event passes.
    public var isOpen: Bool {
        types == nil && notTypes.isEmpty && senders == nil && notSenders.isEmpty && rooms == nil && notRooms.isEmpty
            && containsURL == nil && ignored == nil
    }

    public func includes(_ event: PersistedEvent) -> Bool {
        if isOpen { return true }
        if let ignored, ignored.hides(event) { return false }
        if let containsURL, (event.content["url"]?.stringValue != nil) != containsURL { return false }
        return includes(type: event.type, sender: event.sender) && includes(event.roomID)
    }

    public func includes(type: EventType, sender: UserID?) -> Bool {
        if notTypes.contain(type) { return false }
        if let types, !types.contain(type) { return false }
        guard let sender else { return true }
        return !notSenders.contains(sender) && (senders?.contains(sender) ?? true)
    }

    public func includes(_ room: RoomID) -> Bool {
        !notRooms.contains(room) && (rooms?.contains(room) ?? true)
    }
}

/// A filter that does not have the spec's shape.
public struct FilterError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ path: String, _ expected: String) { description = "\"\(path)\" of a filter is \(expected)." }
}

/// Reads the lists of strings of a filter.
struct FilterLists {
    let json: JSONObject
    /// Where they stand in the filter; empty at its top.
    let path: String
    /// Whether they may be longer than those of a request.
    let isStored: Bool

    subscript(name: String) -> [String]? {
        get throws(FilterError) {
            let place = path.isEmpty ? name : "\(path).\(name)"
            guard let value = json[name], !value.isNull else { return nil }
            guard let values = value.arrayValue else { throw FilterError(place, "a list of strings") }
            guard isStored || values.count <= EventFilter.mostEntries else {
                throw FilterError(place, "a list of at most \(EventFilter.mostEntries) strings")
            }
            var strings: [String] = []
            for value in values {
                guard let string = value.stringValue else { throw FilterError(place, "a list of strings") }
                strings.append(string)
            }
            return strings
        }
    }
}

/// Reads members of a filter.
enum FilterValue {
    static func bool(_ value: JSON?, at path: String) throws(FilterError) -> Bool? {
        guard let value, !value.isNull else { return nil }
        guard let bool = value.boolValue else { throw FilterError(path, "true or false") }
        return bool
    }
}

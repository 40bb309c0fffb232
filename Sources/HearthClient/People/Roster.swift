public import MatrixModel

/// The people whose profile rooms a device peeks into, as the answers of its `/sync` tell of them.
///
/// Guarantees: what is shown of a person comes from the room that the server named for them, and only if that room's create event
/// says that it is theirs and the server's own user made it. An answer that is told twice changes nothing.
public struct Roster: Sendable {
    private struct Room: Sendable {
        let owner: UserID
        /// Whether a create event that fits was seen. Nothing of the room counts before.
        var isGenuine = false
    }

    public private(set) var people: [UserID: Person] = [:]
    private var rooms: [RoomID: Room] = [:]

    public init() {}

    /// What one answer changed.
    public struct Update: Sendable, Equatable {
        /// Everybody of whom something is different now, in the order of their ids.
        public var changed: [Person] = []
        /// Whose peek ended.
        public var ended: [UserID] = []

        public init(changed: [Person] = [], ended: [UserID] = []) {
            self.changed = changed
            self.ended = ended
        }
    }

    /// A peek that the server granted.
    public mutating func watch(_ user: UserID, in room: RoomID) {
        if rooms[room] == nil { rooms[room] = Room(owner: user) }
        if people[user] == nil { people[user] = Person(userID: user) }
    }

    public var watchedRooms: [RoomID] { rooms.keys.sorted { $0.rawValue < $1.rawValue } }

    public var sorted: [Person] { people.values.sortedForPeople() }

    /// Takes in an answer of `/sync`.
    public mutating func apply(_ sync: JSON) -> Update {
        let before = people
        var update = Update()
        for member in sync.objectValue?["rooms"]?.objectValue?["peek"]?.objectValue?.members ?? [] {
            guard let id = RoomID(member.key), rooms[id] != nil, let room = member.value.objectValue else { continue }
            for section in ["state", "timeline"] {
                let events = room[section]?.objectValue?["events"]?.arrayValue ?? []
                for event in events { apply(event, in: id) }
            }
        }
        for member in sync.objectValue?["rooms"]?.objectValue?["leave"]?.objectValue?.members ?? [] {
            guard let id = RoomID(member.key), let owner = rooms[id]?.owner else { continue }
            rooms[id]?.isGenuine = false
            people[owner] = Person(userID: owner, displayName: people[owner]?.displayName)
            update.ended.append(owner)
        }
        update.changed = people.values.filter { before[$0.userID] != $0 }.sorted { $0.userID.rawValue < $1.userID.rawValue }
        return update
    }

    private mutating func apply(_ event: JSON, in id: RoomID) {
        guard let room = rooms[id], let event = event.objectValue, event["state_key"]?.stringValue?.isEmpty == true,
            let type = event["type"]?.stringValue, let content = event["content"]?.objectValue
        else { return }
        let owner = room.owner
        let sender = event["sender"]?.stringValue
        let server = "@_hearth:\(owner.server)"
        if type == "m.room.create" {
            // The whole state begins with it: what is not told again is no more.
            people[owner] = Person(userID: owner)
            rooms[id]?.isGenuine = content["io.hearth.owner"]?.stringValue == owner.rawValue && sender == server
            return
        }
        guard room.isGenuine else { return }
        switch type {
        case "m.profile":
            people[owner]?.displayName = content["displayname"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        case "m.presence" where sender == server:
            people[owner]?.presence = content["presence"]?.stringValue.map(ShownPresence.init(wire:))
            people[owner]?.lastActive = content["last_active_ts"]?.integerValue.map(MatrixTimestamp.init(milliseconds:))
        case "m.status":
            people[owner]?.status = PersonStatus(content: content)
        default: break
        }
    }
}

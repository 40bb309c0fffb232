public import MatrixModel

/// With whom a user shares presence and status, as the account data says: reading it never shares more than was meant.
///
/// The keys of [MSC4495](https://github.com/matrix-org/matrix-spec-proposals/pull/4495), and `io.hearth.default` for those whom they
/// do not name. A value of the wrong shape allows nobody. Where it stands in the place of a refusal it refuses: an unreadable entry
/// of `users` or `servers` is a `deny`, and unreadable `users` or `servers` share with nobody but who is allowed elsewhere.
public struct PresenceSharing: Sendable, Equatable {
    public private(set) var allowedUsers: Set<UserID> = []
    public private(set) var deniedUsers: Set<UserID> = []
    public private(set) var deniedServers: Set<ServerName> = []
    /// Rooms whose members see the presence, as long as the room itself suggests it.
    public private(set) var allowedRooms: Set<RoomID> = []
    public private(set) var sharesLocally = false
    /// What holds for everybody else; nil leaves it to the operator.
    public private(set) var byDefault: DefaultAudience?

    /// The policy of a user who has set none.
    public static let unset = PresenceSharing()

    /// The account data that holds the policy: two names of one value.
    public static let types: [EventType] = [
        "m.presence.sharing", "org.continuwuity.presence_v2.msc4495.presence.sharing",
    ]

    /// The content that stands for a policy that cannot be read any more: it shares with nobody.
    public static let standIn: JSONObject = ["io.hearth.default": "nobody"]

    private init() {}

    /// Reads the account data's content; never fails.
    public init(parsing content: JSONObject) {
        let users = Field(content["users"])
        let servers = Field(content["servers"])
        let rooms = Field(content["rooms"])
        for entry in users.entries {
            guard let user = UserID(entry.key), !entry.value.isNull else { continue }
            if entry.value == "allow" { allowedUsers.insert(user) } else { deniedUsers.insert(user) }
        }
        for entry in servers.entries {
            // A whole server is never allowed.
            guard let server = ServerName(entry.key), !entry.value.isNull, entry.value != "allow" else { continue }
            deniedServers.insert(server)
        }
        for entry in rooms.entries where entry.value == "allow" {
            if let room = RoomID(entry.key) { allowedRooms.insert(room) }
        }
        let local = content["share_locally"] ?? .null
        sharesLocally = local.boolValue ?? false

        if users == .unreadable || servers == .unreadable {
            byDefault = .nobody
        } else if let named = content["io.hearth.default"] {
            byDefault = named.stringValue.flatMap(DefaultAudience.init(rawValue:)) ?? .nobody
        } else if users != .absent || servers != .absent || rooms != .absent || !local.isNull {
            // Who speaks the words of MSC4495 means them: nobody else sees anything.
            byDefault = .nobody
        }
    }

    /// One of the maps of entities to `allow` or `deny`.
    private enum Field: Equatable {
        case absent, unreadable
        case map(JSONObject)

        init(_ value: JSON?) {
            guard let value, !value.isNull else {
                self = .absent
                return
            }
            self = value.objectValue.map { .map($0) } ?? .unreadable
        }

        var entries: [JSONObject.Member] {
            if case .map(let object) = self { object.members } else { [] }
        }
    }
}

/// Who sees the presence of users for whom nothing else is said.
public enum DefaultAudience: String, Sendable, CaseIterable {
    /// Everybody who is logged in.
    case everyone
    /// Who shares a room.
    case sharedRooms = "shared_rooms"
    /// Who is on the user's own server.
    case local
    case nobody
}

public import MatrixModel

/// Decides who may see a user's presence and status: one rule for every endpoint, and the first line of it that matches wins.
///
/// 1. The user, yes. 2. A user who is denied, no. 3. A user who is allowed, yes. 4. A user of a denied server, no. 5. Both are in an
/// allowed room that suggests sharing, yes. 6. The user shares locally, and a user of the same server shares a room, yes. 7. What
/// the policy says by default; where it says nothing, what the operator says.
///
/// After [MSC4495](https://github.com/matrix-org/matrix-spec-proposals/pull/4495), which lets `share_locally` win over a denied
/// server: here a refusal wins. A shared room is an ordinary room that both have joined and that is not public, unless both are
/// users of one server or the operator says that public rooms share.
public struct Audience: Sendable, Equatable {
    public var byDefault: DefaultAudience
    public var publicRoomsShare: Bool

    public init(byDefault: DefaultAudience = .sharedRooms, publicRoomsShare: Bool = false) {
        self.byDefault = byDefault
        self.publicRoomsShare = publicRoomsShare
    }

    /// Tells one from another, in every process.
    var name: String { "\(byDefault.rawValue) \(publicRoomsShare)" }

    /// Whether `viewer` sees the presence of `owner`. Asks for the rooms of both only where they decide.
    public func includes<Rooms: CommonRooms>(
        _ viewer: UserID, of owner: UserID, sharing: PresenceSharing, rooms: Rooms
    ) throws(Rooms.Failure) -> Bool {
        if viewer == owner { return true }
        if sharing.deniedUsers.contains(viewer) { return false }
        if sharing.allowedUsers.contains(viewer) { return true }
        if sharing.deniedServers.contains(viewer.server) { return false }
        if !sharing.allowedRooms.isEmpty, try rooms.hasSuggestingRoom(among: sharing.allowedRooms) { return true }
        let isLocal = viewer.server == owner.server
        if sharing.sharesLocally, isLocal, try rooms.hasRoom(countingPublic: true) { return true }
        switch sharing.byDefault ?? byDefault {
        case .everyone: return true
        case .sharedRooms: return try rooms.hasRoom(countingPublic: isLocal || publicRoomsShare)
        case .local: return isLocal
        case .nobody: return false
        }
    }
}

/// The ordinary rooms that two users have joined both.
public protocol CommonRooms {
    associatedtype Failure: Error

    /// Whether one of the given rooms is common to both and suggests sharing (`m.room.presence_sharing`).
    func hasSuggestingRoom(among rooms: Set<RoomID>) throws(Failure) -> Bool

    /// Whether there is any common room; those with the join rule `public` count where it says so.
    func hasRoom(countingPublic: Bool) throws(Failure) -> Bool
}

/// What a room's state says for the audience of its members' presence.
public enum RoomSharing {
    /// The types of state that hold the room's hint of MSC4495; the first that is set counts.
    public static let hintTypes: [EventType] = ["m.room.presence_sharing", unstableHintType]

    /// The hint's name while MSC4495 is open: what the server itself writes.
    public static let unstableHintType: EventType = "org.continuwuity.presence_v2.msc4495.room.presence_sharing"

    /// Whether a change of this state may change who sees whom.
    public static func concerns(_ type: EventType) -> Bool { type == .joinRules || hintTypes.contains(type) }

    /// The hint of a room by how it was made: a public room's members are strangers.
    public static func hint(suggests: Bool) -> JSONObject { ["presence_sharing": suggests ? "suggest" : "forbid"] }

    /// Whether a hint's content suggests sharing; everything but `suggest` forbids it.
    public static func suggests(_ content: JSONObject) -> Bool { content["presence_sharing"] == "suggest" }

    /// Whether the content of `m.room.join_rules` makes the room public.
    public static func isPublic(_ content: JSONObject) -> Bool { content["join_rule"] == "public" }
}

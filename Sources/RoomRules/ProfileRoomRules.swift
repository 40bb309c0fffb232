public import MatrixModel

/// What makes a room a profile room: its first events, and what stands above the auth rules in it.
///
/// The room belongs to a reserved local user, who created it (room version 12: with infinite power); the owner has level 50.
/// Presence and the room's own rules take 100, so that the auth rules alone keep the owner from them. The owner keeps
/// `m.profile`, `m.status` and every custom state.
public enum ProfileRoomRules {
    public static let version = RoomVersion.v12
    public static let roomType = "m.profile"

    /// In the create event: whose profile this is. It makes the room's id, the hash of that event, unique.
    public static let ownerKey = "io.hearth.owner"

    /// What the owner may not send: presence, redactions, and every `m.room.*` state of the
    /// [spec](https://spec.matrix.org/v1.16/client-server-api/#room-events).
    public static let reservedTypes: [EventType] =
        [.presence, .redaction] + [
            .avatar, .canonicalAlias, .create, .encryption, .guestAccess, .historyVisibility, "m.room.image_pack", .joinRules,
            .member, .name, "m.room.pinned_events", "m.room.policy", .powerLevels, .serverACL, .thirdPartyInvite, .tombstone,
            .topic,
        ]

    static let ownerLevel: Int64 = 50
    static let reservedLevel: Int64 = 100

    /// One of the first events of a profile room, without what its place in the room decides.
    public struct InitialEvent: Sendable, Equatable {
        public let type: EventType
        public let stateKey: String
        public let content: JSONObject
        public let sender: UserID
    }

    /// The first events of a user's profile room in the order in which they are sent.
    ///
    /// - Parameters:
    ///   - hearth: the reserved user that creates the room.
    ///   - roomAlias: the room's canonical alias, `#@alice:server`.
    public static func initialState(owner: UserID, hearth: UserID, roomAlias: RoomAlias) -> [InitialEvent] {
        func event(_ type: EventType, key: String = "", _ content: JSONObject, from sender: UserID? = nil) -> InitialEvent {
            InitialEvent(type: type, stateKey: key, content: content, sender: sender ?? hearth)
        }
        return [
            event(
                .create,
                [
                    "type": .string(roomType), "room_version": .string(version.rawValue),
                    ownerKey: .string(owner.rawValue),
                ]),
            event(.member, key: hearth.rawValue, ["membership": "join"]),
            event(.powerLevels, powerLevels(owner: owner)),
            event(.joinRules, ["join_rule": "invite"]),
            event(.historyVisibility, ["history_visibility": "world_readable"]),
            event(.canonicalAlias, ["alias": .string(roomAlias.rawValue)]),
            event(.member, key: owner.rawValue, ["membership": "invite"]),
            event(.member, key: owner.rawValue, ["membership": "join"], from: owner),
        ]
    }

    private static func powerLevels(owner: UserID) -> JSONObject {
        [
            "users": .object([owner.rawValue: .integer(ownerLevel)]),
            "users_default": 0,
            "events_default": .integer(ownerLevel),
            "state_default": .integer(ownerLevel),
            "invite": .integer(reservedLevel),
            "kick": .integer(reservedLevel),
            "ban": .integer(reservedLevel),
            "redact": .integer(reservedLevel),
            "events": .object(JSONObject(reservedTypes.map { ($0.rawValue, .integer(reservedLevel)) })),
        ]
    }

    /// Whether an event of a profile room belongs to its lane, beside the main chain: the one presence and the one status.
    public static func isLane(_ type: EventType, stateKey: String?) -> Bool {
        (type == .presence || type == .status) && stateKey?.isEmpty == true
    }

    /// What the auth rules would let through and a profile room does not have.
    public enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        case ownerLeaves
        case redaction
        case fieldOfAudience(String)

        public var description: String {
            switch self {
            case .ownerLeaves: "The owner of a profile room stays in it. To be seen by fewer people, set the presence sharing."
            case .fieldOfAudience(let name):
                "\"\(name)\" is not for everybody, and this room's state is: set it through the profile instead."
            case .redaction: "Nothing in a profile room is redacted: set the profile or the status anew instead."
            }
        }
    }

    /// Why a profile room refuses an event; nil when it does not.
    public static func refusal(
        of type: EventType, stateKey: String?, sender: UserID, content: JSONObject, owner: UserID
    ) -> Refusal? {
        if type == .redaction { return .redaction }
        if type == .profile, let name = AudienceField.allCases.lazy.flatMap(\.names).first(where: { content[$0] != nil }) {
            return .fieldOfAudience(name)
        }
        let isOwnMembership = type == .member && sender == owner && stateKey.map { $0.hasSameBytes(as: owner.rawValue) } == true
        return isOwnMembership && content["membership"] != "join" ? .ownerLeaves : nil
    }
}

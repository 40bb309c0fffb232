public import MatrixModel

/// The body of [createRoom](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3createroom), checked.
public struct CreateRoomRequest: Sendable {
    public enum Preset: String, Sendable {
        case privateChat = "private_chat"
        case publicChat = "public_chat"
        case trustedPrivateChat = "trusted_private_chat"
    }

    public struct InitialState: Sendable {
        public let key: StateKey
        public let content: JSONObject

        public init(key: StateKey, content: JSONObject) {
            self.key = key
            self.content = content
        }
    }

    public var isPublic = false
    public var preset: Preset?
    public var aliasLocalpart: String?
    public var name: String?
    public var topic: String?
    public var invite: [UserID] = []
    public var version: String?
    public var creationContent: JSONObject = [:]
    public var initialState: [InitialState] = []
    public var isDirect = false
    public var powerLevelOverride: JSONObject = [:]

    public init() {}

    /// How many people are invited with the room; more by requests of their own.
    static let mostInvitees = 100
    /// How much state comes with the room.
    static let mostInitialState = 200
    /// How many bytes of content that state has together, and with it what the room is created with.
    static let mostContent = 262_144

    /// The request with everybody invited once, and of a size that one operation may have.
    func bounded() throws(RoomError) -> Self {
        var request = self
        var known: Set<UserID> = []
        request.invite = invite.filter { known.insert($0).inserted }
        guard request.invite.count <= Self.mostInvitees else {
            throw .invalidParameter("A room is made with at most \(Self.mostInvitees) invitations; invite the others afterwards.")
        }
        guard initialState.count <= Self.mostInitialState else {
            throw .invalidParameter("\"initial_state\" has at most \(Self.mostInitialState) events; send the others afterwards.")
        }
        let size = initialState.reduce(creationContent.bytes.count) { $0 + $1.content.bytes.count }
        guard size <= Self.mostContent else {
            throw .invalidParameter("A room is made with at most \(Self.mostContent) bytes of state; send the rest afterwards.")
        }
        return request
    }

    /// The preset in force: where none is named, the visibility decides.
    var effectivePreset: Preset { preset ?? (isPublic ? .publicChat : .privateChat) }
}

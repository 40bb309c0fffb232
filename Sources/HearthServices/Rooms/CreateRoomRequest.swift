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

    /// The preset in force: where none is named, the visibility decides.
    var effectivePreset: Preset { preset ?? (isPublic ? .publicChat : .privateChat) }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/createRoom
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3createroom). Invitations by e-mail and the like
/// (`invite_3pid`) are refused: a room without the people one asked for is no answer.
enum PostCreateRoom: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("createRoom")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let request = try CreateRoomRequest(try await call.body(isOptional: true))
        try call.services.limits.take(.createRoom, by: requester.user)
        let room = try await call.services.rooms.create(request, by: requester.key)
        return ClientAnswer(["room_id": .string(room.rawValue)])
    }
}

extension CreateRoomRequest {
    init(_ body: JSONBody) throws(ClientFailure) {
        self.init()
        switch try body.string("visibility") {
        case nil, "private"?: isPublic = false
        case "public"?: isPublic = true
        default: throw .invalidParameter("\"visibility\" is public or private.")
        }
        if let word = try body.string("preset") {
            guard let preset = Preset(rawValue: word) else {
                throw .invalidParameter("\"preset\" is private_chat, public_chat or trusted_private_chat.")
            }
            self.preset = preset
        }
        aliasLocalpart = try body.string("room_alias_name")
        name = try body.string("name")
        topic = try body.string("topic")
        version = try body.string("room_version")
        isDirect = try body.bool("is_direct") ?? false
        creationContent = try body.object("creation_content")?.eventContent() ?? [:]
        powerLevelOverride = try body.object("power_level_content_override")?.eventContent() ?? [:]
        if try body.array("invite_3pid")?.isEmpty == false {
            throw .invalidParameter("This server cannot invite by \"invite_3pid\"; invite user ids.")
        }
        for value in try body.array("invite") ?? [] {
            guard let text = value.stringValue else { throw .badJSON("\"invite\" is a list of user ids.") }
            guard let user = UserID(text) else { throw .invalidParameter("\"invite\" holds user ids.") }
            invite.append(user)
        }
        for value in try body.array("initial_state") ?? [] {
            guard let object = value.objectValue else { throw .badJSON("\"initial_state\" is a list of events.") }
            let event = JSONBody(object)
            initialState.append(
                InitialState(
                    key: StateKey(EventType(try event.requiredString("type")), try event.string("state_key") ?? ""),
                    content: try event.requiredObject("content").eventContent()))
        }
    }
}

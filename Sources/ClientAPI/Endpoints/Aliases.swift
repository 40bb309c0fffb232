import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/rooms/{roomId}/aliases: a room's aliases on this server.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidaliases).
enum GetRoomAliases: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("rooms/:roomID/aliases")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let aliases = try await call.services.reader.aliases(of: call.path.room(), for: requester.user)
        return ClientAnswer(["aliases": .array(aliases.map { .string($0.rawValue) })])
    }
}

/// GET /_matrix/client/v3/directory/room/{roomAlias}: the room of an alias; needs no token.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3directoryroomroomalias).
enum GetAlias: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("directory/room/:roomAlias")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        let alias = try call.path.alias()
        _ = try call.lookingUp()
        let room = try await call.services.rooms.room(of: alias)
        return ClientAnswer([
            "room_id": .string(room.rawValue), "servers": [.string(call.services.settings.serverName.rawValue)],
        ])
    }
}

/// PUT /_matrix/client/v3/directory/room/{roomAlias}: gives a room an alias.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3directoryroomroomalias).
enum PutAlias: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("directory/room/:roomAlias")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let alias = try call.path.alias()
        guard let room = RoomID(try await call.body().requiredString("room_id")) else {
            throw ClientFailure.invalidParameter("\"room_id\" is a room id.")
        }
        try call.services.limits.take(.state, by: requester.user)
        do {
            try await call.services.rooms.addAlias(alias, for: room, by: requester.user)
        } catch RoomError.aliasInUse {
            throw ClientFailure(.conflict, .unknown, "The room alias \(alias) is taken.")
        }
        return .empty
    }
}

/// DELETE /_matrix/client/v3/directory/room/{roomAlias}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3directoryroomroomalias).
enum DeleteAlias: UserEndpoint {
    static let method = HTTPRequest.Method.delete
    static let paths = Paths.stable("directory/room/:roomAlias")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.state, by: requester.user)
        try await call.services.rooms.removeAlias(call.path.alias(), by: requester.user)
        return .empty
    }
}

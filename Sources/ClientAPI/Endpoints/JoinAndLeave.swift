import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/join/{roomIdOrAlias}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3joinroomidoralias). `server_name` and `via` do
/// nothing on a server that does not federate.
enum PostJoinByIDOrAlias: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("join/:roomIDOrAlias")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let target = try call.path.roomOrAlias()
        return try await PostJoin.join(target, call: call, by: requester)
    }
}

/// POST /_matrix/client/v3/rooms/{roomId}/join
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidjoin).
enum PostJoin: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/join")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try await join(.id(call.path.room()), call: call, by: requester)
    }

    static func join(_ target: RoomIDOrAlias, call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let reason = try await call.body(isOptional: true).string("reason")
        try call.services.limits.take(.join, by: requester.user)
        let room = try await call.services.rooms.join(target, by: requester.key, reason: reason)
        return ClientAnswer(["room_id": .string(room.rawValue)])
    }
}

/// POST /_matrix/client/v3/rooms/{roomId}/leave
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidleave).
enum PostLeave: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/leave")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let room = try call.path.room()
        let reason = try await call.body(isOptional: true).string("reason")
        try call.services.limits.take(.join, by: requester.user)
        try await call.services.rooms.leave(room, by: requester.key, reason: reason)
        return .empty
    }
}

/// POST /_matrix/client/v3/rooms/{roomId}/forget
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidforget).
enum PostForget: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/forget")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let room = try call.path.room()
        _ = try await call.body(isOptional: true)
        try call.services.limits.take(.join, by: requester.user)
        try await call.services.rooms.forget(room, by: requester.user)
        return .empty
    }
}

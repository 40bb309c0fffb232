import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/rooms/{roomId}/invite
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidinvite).
enum PostInvite: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/invite")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let request = try await MembershipRequest(call)
        try call.services.limits.take(.invite, by: requester.user)
        try await call.services.rooms.invite(request.user, to: request.room, by: requester.key, reason: request.reason)
        return .empty
    }
}

/// POST /_matrix/client/v3/rooms/{roomId}/kick
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidkick).
enum PostKick: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/kick")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let request = try await MembershipRequest(call)
        try call.services.limits.take(.invite, by: requester.user)
        try await call.services.rooms.kick(request.user, from: request.room, by: requester.key, reason: request.reason)
        return .empty
    }
}

/// POST /_matrix/client/v3/rooms/{roomId}/ban
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidban).
enum PostBan: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/ban")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let request = try await MembershipRequest(call)
        try call.services.limits.take(.invite, by: requester.user)
        try await call.services.rooms.ban(request.user, from: request.room, by: requester.key, reason: request.reason)
        return .empty
    }
}

/// POST /_matrix/client/v3/rooms/{roomId}/unban
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidunban).
enum PostUnban: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/unban")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let request = try await MembershipRequest(call)
        try call.services.limits.take(.invite, by: requester.user)
        try await call.services.rooms.unban(request.user, in: request.room, by: requester.key, reason: request.reason)
        return .empty
    }
}

/// What all four ask for: a room, a user, and perhaps a reason.
private struct MembershipRequest {
    let room: RoomID
    let user: UserID
    let reason: String?

    init(_ call: ClientCall) async throws {
        room = try call.path.room()
        let body = try await call.body()
        user = try body.user("user_id")
        reason = try body.string("reason")
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/peek/{roomIdOrAlias}: this device reads along in a room; again renews.
///
/// [MSC2753](https://github.com/matrix-org/matrix-spec-proposals/pull/2753).
enum PostPeek: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("peek/:roomIDOrAlias") + Paths.unstable("org.matrix.msc2753/peek/:roomIDOrAlias")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let target = try call.path.roomOrAlias()
        _ = try await call.body(isOptional: true)
        try call.services.limits.take(.peek, by: requester.user)
        let peek = try await call.services.peeks.peek(target, by: requester.key)
        return ClientAnswer([
            "room_id": .string(peek.room.rawValue), "peek_expiry_ts": .integer(peek.expires.milliseconds),
        ])
    }
}

/// POST /_matrix/client/v3/rooms/{roomId}/unpeek
///
/// [MSC2753](https://github.com/matrix-org/matrix-spec-proposals/pull/2753).
enum PostUnpeek: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/unpeek") + Paths.unstable("org.matrix.msc2753/rooms/:roomID/unpeek")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let room = try call.path.room()
        _ = try await call.body(isOptional: true)
        try call.services.limits.take(.peek, by: requester.user)
        try await call.services.peeks.unpeek(room, by: requester.key)
        return .empty
    }
}

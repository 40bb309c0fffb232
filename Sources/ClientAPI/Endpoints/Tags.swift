import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags: how the user has sorted a room.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3useruseridroomsroomidtags).
enum GetTags: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("user/:userID/rooms/:roomID/tags")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, room) = (try call.ownUser(requester), try call.path.room())
        return ClientAnswer(["tags": .object(try await call.services.accountData.tags(of: room, by: user))])
    }
}

/// PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3useruseridroomsroomidtagstag). Members that the spec does
/// not know are kept.
enum PutTag: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("user/:userID/rooms/:roomID/tags/:tag")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, room, tag) = (try call.ownUser(requester), try call.path.room(), try call.path.tag())
        let body = try await call.body()
        switch body["order"] {
        case nil, .integer?, .double?: break
        default: throw ClientFailure.badJSON("\"order\" is a number.")
        }
        try call.services.limits.take(.accountData, by: requester.user)
        try await call.services.accountData.setTag(tag, to: body.json, on: room, by: user)
        return .empty
    }
}

/// DELETE /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}: a tag that is not there is gone already.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3useruseridroomsroomidtagstag).
enum DeleteTag: UserEndpoint {
    static let method = HTTPRequest.Method.delete
    static let paths = PutTag.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, room, tag) = (try call.ownUser(requester), try call.path.room(), try call.path.tag())
        try call.services.limits.take(.accountData, by: requester.user)
        try await call.services.accountData.setTag(tag, to: nil, on: room, by: user)
        return .empty
    }
}

extension PathParameters {
    fileprivate func tag() throws(ClientFailure) -> String {
        let tag = text("tag")
        guard (1...255).contains(tag.utf8.count) else { throw .invalidParameter("A tag has 1 to 255 bytes.") }
        return tag
    }
}

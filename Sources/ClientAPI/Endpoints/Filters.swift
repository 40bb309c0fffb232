import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/user/{userId}/filter: stores a filter.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3useruseridfilter).
enum PostFilter: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("user/:userID/filter")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let user = try call.ownUser(requester)
        try call.services.limits.take(.filter, by: requester.user)
        let id = try await call.services.filters.store(call.body().json, of: user)
        return ClientAnswer(["filter_id": .string(id)])
    }
}

/// GET /_matrix/client/v3/user/{userId}/filter/{filterId}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3useruseridfilterfilterid).
enum GetFilter: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("user/:userID/filter/:filterID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let user = try call.ownUser(requester)
        return ClientAnswer(try await call.services.filters.json(call.path.text("filterID"), of: user))
    }
}

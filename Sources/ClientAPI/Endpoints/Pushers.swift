import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/pushers: the requester's pushers.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushers).
enum GetPushers: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushers")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let pushers = try await call.services.push.pushers.pushers(of: requester.user)
        return ClientAnswer(["pushers": .array(pushers.map { .object($0) })])
    }
}

/// POST /_matrix/client/v3/pushers/set: makes, changes or deletes a pusher.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3pushersset). Pushers by e-mail are not served; a gateway may be
/// reached without TLS, for those that run beside the server.
enum PostPushersSet: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("pushers/set")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let request = try PusherRequest(parsing: try await call.body().json)
        try call.services.limits.take(.accountData, by: requester.user)
        try await call.services.push.pushers.set(request, by: requester.key)
        return .empty
    }
}

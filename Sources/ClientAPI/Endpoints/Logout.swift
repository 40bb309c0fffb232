import HTTPTypes
import HearthServices

/// POST /_matrix/client/v3/logout: ends the requester's device.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3logout).
enum PostLogout: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("logout")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try await call.services.accounts.logOut(requester)
        return .empty
    }
}

/// POST /_matrix/client/v3/logout/all: ends all devices of the requester's user.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3logoutall).
enum PostLogoutAll: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("logout/all")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try await call.services.accounts.logOutAll(requester)
        return .empty
    }
}

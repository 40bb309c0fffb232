import HTTPTypes
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/account/password: a new password; takes the old one once more.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountpassword). Only for who is logged in: there is no
/// mail here that could stand in for a forgotten password.
enum PostAccountPassword: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("account/password")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let body = try await call.body()
        try await call.services.accounts.changePassword(
            to: body.string("new_password"), by: requester, logsOutDevices: body.bool("logout_devices") ?? true,
            auth: UIAuth(in: body))
        return .empty
    }
}

/// POST /_matrix/client/v3/account/deactivate: ends the account for good; takes the password once more.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountdeactivate). No identity server knows of accounts
/// here, so there is nothing to unbind.
enum PostAccountDeactivate: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("account/deactivate")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let body = try await call.body(isOptional: true)
        try await call.services.accounts.deactivate(requester, erases: body.bool("erase") ?? false, auth: UIAuth(in: body))
        return ClientAnswer(["id_server_unbind_result": "no-support"])
    }
}

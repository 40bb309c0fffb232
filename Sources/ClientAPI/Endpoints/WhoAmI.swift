import HTTPTypes
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/account/whoami: whom the access token stands for.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3accountwhoami).
enum GetWhoAmI: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("account/whoami")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer {
        ClientAnswer([
            "user_id": .string(requester.user.rawValue), "device_id": .string(requester.device.rawValue), "is_guest": false,
        ])
    }
}

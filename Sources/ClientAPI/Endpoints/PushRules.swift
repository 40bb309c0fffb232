import HTTPTypes
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/pushrules/: no rules at all, so that clients that ask for them start.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrules). Hearth has no pushers.
enum GetPushRules: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushrules")

    static let noRules: JSONObject = ["override": [], "content": [], "room": [], "sender": [], "underride": []]

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer {
        ClientAnswer(["global": .object(noRules)])
    }
}

/// GET /_matrix/client/v3/pushrules/global/
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobal).
enum GetGlobalPushRules: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushrules/global")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer { ClientAnswer(GetPushRules.noRules) }
}

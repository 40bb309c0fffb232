import HTTPTypes
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/voip/turnServer: what a client needs for calls; empty where the operator has no TURN server.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3voipturnserver).
enum GetTurnServer: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("voip/turnServer")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer {
        guard let turn = call.services.turn.credentials(for: requester.user) else { return .empty }
        return ClientAnswer([
            "username": .string(turn.username), "password": .string(turn.password),
            "uris": .array(turn.uris.map { .string($0) }), "ttl": .integer(turn.timeToLive),
        ])
    }
}

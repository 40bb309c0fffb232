import HTTPTypes
import HearthServices
import HearthSettings
import MatrixModel

/// GET /.well-known/matrix/client: where clients of this server name reach it; 404 where the operator has not said so.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#getwell-knownmatrixclient).
enum GetWellKnownClient: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = ["/.well-known/matrix/client"]

    static func answer(_ call: ClientCall) throws -> ClientAnswer {
        guard let url = call.services.settings.publicURL else { throw ClientFailure.unknownPath }
        return ClientAnswer(url.wellKnown)
    }
}

extension PublicURL {
    /// The same information in `/.well-known/matrix/client` and in the answer to a log-in.
    var wellKnown: JSONObject { ["m.homeserver": ["base_url": .string(description)]] }
}

/// GET /_matrix/client/v3/thirdparty/protocols: the bridges to other networks: none.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3thirdpartyprotocols).
enum GetThirdPartyProtocols: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("thirdparty/protocols")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer { .empty }
}

/// GET /_matrix/client/v3/account/3pid: the mail addresses and telephone numbers of an account: none, since nothing here adds any.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3account3pid).
enum GetThirdPartyIDs: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("account/3pid")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer { ClientAnswer(["threepids": []]) }
}

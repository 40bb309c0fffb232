import HTTPTypes
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/login: the ways to log in.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3login).
enum GetLoginFlows: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("login")

    static func answer(_ call: ClientCall) -> ClientAnswer {
        ClientAnswer(["flows": [["type": .string(UIAStage.password.rawValue)]]])
    }
}

/// POST /_matrix/client/v3/login: a password for an access token.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3login). Takes `user` beside `type` too, as once in r0.
enum PostLogin: Endpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("login")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        let request = try self.request(await call.body())
        let login = try await call.services.accounts.logIn(request, from: call.address)
        return ClientAnswer(login, wellKnown: call.services.settings.publicURL?.wellKnown)
    }

    static func request(_ body: JSONBody) throws(ClientFailure) -> LoginRequest {
        guard try body.requiredString("type") == UIAStage.password.rawValue else {
            throw ClientFailure(.badRequest, .unknown, "This server knows no login but m.login.password.")
        }
        return LoginRequest(
            user: try UserIdentifier.find(in: body), password: try body.requiredString("password"),
            deviceID: try body.device("device_id"),
            initialDeviceDisplayName: try body.string("initial_device_display_name"))
    }
}

/// Whom a login or a password stage names.
///
/// [Identifier types](https://spec.matrix.org/v1.16/client-server-api/#identifier-types); only `m.id.user` is known here.
enum UserIdentifier {
    static func find(in body: JSONBody) throws(ClientFailure) -> String {
        guard let identifier = try body.object("identifier") else { return try body.requiredString("user") }
        guard try identifier.requiredString("type") == "m.id.user" else {
            throw ClientFailure(.badRequest, .unknown, "This server knows users by m.id.user alone.")
        }
        return try identifier.requiredString("user")
    }
}

extension ClientAnswer {
    /// `home_server` is long deprecated, and older clients still ask for it. Without a `well_known`, clients use the URL they have.
    init(_ login: LoginAnswer, wellKnown: JSONObject? = nil) {
        var answer: JSONObject = [
            "user_id": .string(login.userID.rawValue), "access_token": .string(login.accessToken),
            "device_id": .string(login.deviceID.rawValue), "home_server": .string(login.userID.server.rawValue),
        ]
        answer["well_known"] = wellKnown.map { .object($0) }
        self.init(answer)
    }
}

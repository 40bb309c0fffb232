import HTTPTypes
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/register: a new account. Without `auth` it answers 401 with what has to be done first.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register). There are no guests.
enum PostRegister: Endpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("register")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        switch call.query["kind"] {
        case nil, "user"?: break
        case "guest"?: throw ClientFailure(.forbidden, .guestAccessForbidden, "This server has no guests.")
        default: throw ClientFailure.invalidParameter("\"kind\" is user or guest.")
        }
        let request = try self.request(await call.body(isOptional: true))
        let answer = try await call.services.accounts.register(request, from: call.address)
        if let login = answer.login { return ClientAnswer(login) }
        return ClientAnswer([
            "user_id": .string(answer.userID.rawValue), "home_server": .string(answer.userID.server.rawValue),
        ])
    }

    static func request(_ body: JSONBody) throws(ClientFailure) -> RegistrationRequest {
        RegistrationRequest(
            username: try body.string("username"), password: try body.string("password"),
            deviceID: try body.device("device_id"),
            initialDeviceDisplayName: try body.string("initial_device_display_name"),
            inhibitLogin: try body.bool("inhibit_login") ?? false, auth: try UIAuth(in: body))
    }
}

/// GET /_matrix/client/v3/register/available: whether a user name can be had.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3registeravailable).
enum GetRegisterAvailable: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("register/available")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        try await call.services.accounts.checkAvailability(of: call.query.required("username"), from: call.address)
        return ClientAnswer(["available": true])
    }
}

/// GET /_matrix/client/v1/register/m.login.registration_token/validity: whether a registration token would be taken.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1registermloginregistration_tokenvalidity).
enum GetRegistrationTokenValidity: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.v1("register/m.login.registration_token/validity")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        let token = try call.query.required("token")
        return ClientAnswer([
            "valid": .bool(try await call.services.accounts.isValid(registrationToken: token, from: call.address))
        ])
    }
}

extension UIAuth {
    /// `auth` of a body; nil when there is none.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#user-interactive-api-in-the-rest-api).
    init?(in body: JSONBody) throws(ClientFailure) {
        guard let auth = try body.object("auth") else { return nil }
        self.init(session: try auth.string("session"))
        guard let type = try auth.string("type") else { return }
        switch UIAStage(rawValue: type) {
        case .dummy?: attempt = .dummy
        case .registrationToken?: attempt = .registrationToken(try auth.requiredString("token"))
        case .password?:
            attempt = .password(user: try UserIdentifier.find(in: auth), password: try auth.requiredString("password"))
        case nil: attempt = .other(type: type)
        }
    }
}

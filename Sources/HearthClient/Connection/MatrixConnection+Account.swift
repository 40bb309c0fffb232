public import MatrixModel

/// Who is logged in where. Holds a secret.
public struct Credentials: Sendable, Equatable {
    public let url: ServerURL
    public let user: UserID
    public let device: String
    public let token: String

    public init(url: ServerURL, user: UserID, device: String, token: String) {
        self.url = url
        self.user = user
        self.device = device
        self.token = token
    }

    public var connection: MatrixConnection { MatrixConnection(url: url, token: token) }
}

extension MatrixConnection {
    /// Whether presence can be subscribed to here, as docs/clients.md says.
    public func hasSubscribedPresence() async throws -> Bool {
        let versions = try await send("GET", "/_matrix/client/versions", timeout: .seconds(10))
        return versions.objectValue?["unstable_features"]?.objectValue?["org.matrix.msc3032"]?.boolValue == true
    }

    /// Where the server of this name says that its clients connect; nil when it says nothing.
    ///
    /// [Well-known URIs](https://spec.matrix.org/v1.16/client-server-api/#well-known-uris).
    public func wellKnownURL() async throws -> ServerURL? {
        do {
            let answer = try await send("GET", APIPath.wellKnown, timeout: .seconds(10))
            return answer.objectValue?["m.homeserver"]?.objectValue?["base_url"]?.stringValue.flatMap { ServerURL($0) }
        } catch is ConnectionError {
            return nil
        }
    }

    /// [Login](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3login) with a password.
    public func logIn(user: String, password: String, deviceName: String) async throws -> Credentials {
        let answer = try await send(
            "POST", "/login",
            body: [
                "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(user)],
                "password": .string(password), "initial_device_display_name": .string(deviceName),
            ]
        ).objectValue
        guard let user = answer?["user_id"]?.stringValue.flatMap({ UserID($0) }),
            let device = answer?["device_id"]?.stringValue, let token = answer?["access_token"]?.stringValue
        else { throw ConnectionError.noMatrix(url, status: 200) }
        return Credentials(url: url, user: user, device: device, token: token)
    }

    /// Registers with the flow `m.login.dummy`, where registration is open.
    public func register(user: String, password: String, deviceName: String) async throws -> Credentials {
        try await send(
            "POST", "/register",
            body: [
                "username": .string(user), "password": .string(password), "inhibit_login": true,
                "auth": ["type": "m.login.dummy"],
            ])
        return try await logIn(user: user, password: password, deviceName: deviceName)
    }

    /// Who the token stands for.
    public func whoAmI() async throws -> Credentials {
        let answer = try await send("GET", "/account/whoami").objectValue
        guard let user = answer?["user_id"]?.stringValue.flatMap({ UserID($0) }) else {
            throw ConnectionError.noMatrix(url, status: 200)
        }
        return Credentials(url: url, user: user, device: answer?["device_id"]?.stringValue ?? "", token: token ?? "")
    }

    public func logOut() async throws {
        try await send("POST", "/logout", body: [:], timeout: .seconds(10))
    }
}

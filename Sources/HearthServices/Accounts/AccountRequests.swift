public import MatrixModel

/// What `POST /register` asks for: [spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register).
public struct RegistrationRequest: Sendable {
    /// The localpart; nil asks for one that the server makes up.
    public var username: String?
    public var password: String?
    public var deviceID: DeviceID?
    public var initialDeviceDisplayName: String?
    /// Makes the account without a device and a token.
    public var inhibitLogin: Bool
    public var auth: UIAuth?

    public init(
        username: String? = nil, password: String? = nil, deviceID: DeviceID? = nil, initialDeviceDisplayName: String? = nil,
        inhibitLogin: Bool = false, auth: UIAuth? = nil
    ) {
        self.username = username
        self.password = password
        self.deviceID = deviceID
        self.initialDeviceDisplayName = initialDeviceDisplayName
        self.inhibitLogin = inhibitLogin
        self.auth = auth
    }
}

public struct RegistrationAnswer: Sendable, Equatable {
    public let userID: UserID
    /// Nil where the login was inhibited.
    public let login: LoginAnswer?
}

/// What `POST /login` with `m.login.password` asks for: [spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3login).
public struct LoginRequest: Sendable {
    /// A user id or a localpart.
    public var user: String
    public var password: String
    /// A known id takes that device over: its earlier token ends. Nil makes a new device.
    public var deviceID: DeviceID?
    /// For a new device; a known one keeps the name that it has.
    public var initialDeviceDisplayName: String?

    public init(user: String, password: String, deviceID: DeviceID? = nil, initialDeviceDisplayName: String? = nil) {
        self.user = user
        self.password = password
        self.deviceID = deviceID
        self.initialDeviceDisplayName = initialDeviceDisplayName
    }
}

public struct LoginAnswer: Sendable, Equatable {
    public let userID: UserID
    /// Secret: never logged, stored only hashed.
    public let accessToken: String
    public let deviceID: DeviceID
}

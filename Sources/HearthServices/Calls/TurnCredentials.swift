import Crypto
public import HearthRuntime
public import HearthSettings
public import MatrixModel

/// What lets a user's calls through the operator's TURN servers for a while.
///
/// A user name that ends by itself and its HMAC-SHA1 by the secret that the TURN servers know: what coturn calls `use-auth-secret`
/// ([draft-uberti-behave-turn-rest](https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00)).
public struct TurnCredentials: Sendable, Equatable {
    public let username: String
    /// Secret: never logged.
    public let password: String
    public let uris: [String]
    /// Seconds.
    public let timeToLive: Int64

    /// - Returns: nil where the operator has no TURN server.
    public static func make(for user: UserID, settings: HearthSettings.Turn, now: MatrixTimestamp) -> TurnCredentials? {
        guard !settings.uris.isEmpty else { return nil }
        let seconds = settings.timeToLive.components.seconds
        let (expires, isTooFar) = (now.milliseconds / 1000).addingReportingOverflow(seconds)
        let username = "\(isTooFar ? .max : expires):\(user)"
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Array(username.utf8), using: SymmetricKey(data: Array(settings.secret.utf8)))
        let password = UnpaddedBase64.encode(Array(code))
        let padding = String(repeating: "=", count: (4 - password.utf8.count % 4) % 4)
        return TurnCredentials(username: username, password: password + padding, uris: settings.uris, timeToLive: seconds)
    }
}

/// The operator's TURN servers, as clients are let through to them.
public struct TurnServers: Sendable {
    private let settings: HearthSettings.Turn
    private let clock: any ServerClock

    public init(settings: HearthSettings.Turn, clock: any ServerClock) {
        self.settings = settings
        self.clock = clock
    }

    /// Nil where there are none.
    public func credentials(for user: UserID) -> TurnCredentials? {
        TurnCredentials.make(for: user, settings: settings, now: clock.now().wall)
    }
}

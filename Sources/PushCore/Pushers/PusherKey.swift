public import MatrixModel

/// What names a pusher: its user, the app and the key under which the app's gateway knows the device.
public struct PusherKey: Hashable, Sendable {
    public let user: UserID
    public let appID: String
    public let pushkey: String

    public init(user: UserID, appID: String, pushkey: String) {
        self.user = user
        self.appID = appID
        self.pushkey = pushkey
    }

    public static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.user == rhs.user && lhs.appID.hasSameBytes(as: rhs.appID) && lhs.pushkey.hasSameBytes(as: rhs.pushkey)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(user)
        appID.hashBytes(into: &hasher)
        pushkey.hashBytes(into: &hasher)
    }
}

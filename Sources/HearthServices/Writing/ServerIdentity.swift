public import MatrixModel
public import RoomRules

/// Who this server is: its name, its signing key, and the reserved user that owns all profile rooms.
public struct ServerIdentity: Sendable {
    public let name: ServerName
    public let signingKey: SigningKey
    /// `@_hearth:SERVER`: creator of the profile rooms; nobody can register or log in as it.
    public let hearth: UserID

    /// - Throws: ``IdentityError`` when the server name is too long to make user ids of it.
    public init(name: ServerName, signingKey: SigningKey) throws(IdentityError) {
        guard let hearth = UserID(localpart: Self.reservedLocalpart, server: name) else { throw .serverNameTooLong }
        self.name = name
        self.signingKey = signingKey
        self.hearth = hearth
    }

    public static let reservedLocalpart = "_hearth"

    public func isLocal(_ user: UserID) -> Bool { user.server == name }
}

/// Why a server identity cannot be.
public enum IdentityError: Error {
    case serverNameTooLong
}

public import MatrixModel

/// Whose share a piece of work is counted against: a user's, or an address's where nobody is logged in.
public struct WorkOwner: Hashable, Sendable {
    private let key: String

    public init(_ user: UserID) { key = user.rawValue }

    /// An address is no user id, so the two never share anything.
    public init(_ address: ClientAddress) { key = address.rateLimitKey }
}

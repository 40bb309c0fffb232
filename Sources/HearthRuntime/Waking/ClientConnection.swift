/// The connection that a held request came over, as far as a service needs to know it: whether its client is still there.
public protocol ClientConnection: Sendable {
    /// Calls the body when the client goes away, at once if it has gone. Replaces an earlier body; nil takes it away.
    func onClose(_ body: (@Sendable () -> Void)?)

    /// Whether the client has gone away.
    var isGone: Bool { get }
}

/// A client that never goes away: for calls that do not come over a connection.
public struct LastingConnection: ClientConnection {
    public init() {}
    public func onClose(_ body: (@Sendable () -> Void)?) {}
    public var isGone: Bool { false }
}

/// How far a user has read in a room, as one event:
/// [m.receipt](https://spec.matrix.org/v1.16/client-server-api/#receipts).
public struct Receipt: Sendable, Equatable {
    public let user: UserID
    public let kind: Kind
    /// The event up to which, and including which, everything is read.
    public let event: EventID
    public let time: MatrixTimestamp
    /// `main`, a thread's root, or nil for a receipt that knows no threads.
    public let thread: String?

    public init(user: UserID, kind: Kind, event: EventID, time: MatrixTimestamp, thread: String?) {
        self.user = user
        self.kind = kind
        self.event = event
        self.time = time
        self.thread = thread
    }

    /// Who is told of a receipt.
    public enum Kind: String, Sendable, CaseIterable {
        /// Every member.
        case read = "m.read"
        /// The devices of its user alone.
        case readPrivate = "m.read.private"
    }
}

public import MatrixModel

/// When a user was a member of a room. Pure: made from the user's member events.
public struct MembershipHistory: Sendable {
    private let changes: [(from: StreamPosition, membership: Membership)]

    /// One time as a member.
    public struct Stay: Sendable, Equatable {
        /// The position of the join.
        public let began: StreamPosition
        /// The position of the member event that ended it; nil while it lasts.
        public let ended: StreamPosition?
    }

    /// - Parameter memberEvents: every member event of the user in the room, in stream order.
    public init(memberEvents: [PersistedEvent]) {
        changes = memberEvents.map { (from: $0.position, membership: $0.membership ?? .leave) }
    }

    public func isJoined(at position: StreamPosition) -> Bool {
        changes.last { $0.from <= position }?.membership == .join
    }

    /// Whether a stay, or a time in which the user was kept out, ended at a position or before it, and the user is out at that position: a client
    /// may hold what it was told of the room until then. Of an invitation it holds no timeline.
    public func hasDeparted(by position: StreamPosition) -> Bool {
        if isJoined(at: position) { return false }
        return changes.contains { $0.from <= position && $0.membership != .invite }
    }

    /// The newest stay; nil for a user who never was a member.
    public var lastStay: Stay? {
        guard let last = changes.lastIndex(where: { $0.membership == .join }) else { return nil }
        // A new name is a join as well, and begins nothing.
        let before = changes[..<last].lastIndex { $0.membership != .join }
        let first = before.map { changes.index(after: $0) } ?? changes.startIndex
        let end = changes.index(after: last)
        return Stay(began: changes[first].from, ended: end < changes.endIndex ? changes[end].from : nil)
    }
}

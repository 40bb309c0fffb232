import DequeModule
import MatrixModel

/// Whose profile fields changed lately, every change after `start`, oldest first. Older changes are known by the fields alone.
struct ProfileLog: Sendable {
    /// How many changes are remembered.
    static let longest = 4_096

    private var changes: Deque<Change> = []
    private var start: StreamPosition = .zero
    private(set) var last: StreamPosition = .zero

    private struct Change: Sendable {
        let user: UserID
        let position: StreamPosition
    }

    mutating func note(_ user: UserID, at position: StreamPosition) {
        changes.append(Change(user: user, position: position))
        last = max(last, position)
        if changes.count > Self.longest, let dropped = changes.popFirst() { start = max(start, dropped.position) }
    }

    /// Notes that there was a change before the start, not whose.
    mutating func restore(_ position: StreamPosition) {
        last = max(last, position)
        start = max(start, position)
    }

    /// Whose fields changed after a position; nil when the log does not reach back so far.
    func changed(after position: StreamPosition) -> Set<UserID>? {
        if position >= last { return [] }
        guard position >= start else { return nil }
        return Set(changes.reversed().prefix { $0.position > position }.map(\.user))
    }
}

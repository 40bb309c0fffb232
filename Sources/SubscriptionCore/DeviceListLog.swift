import DequeModule
import MatrixModel

/// Whose device keys changed lately, every change after `start`, oldest first. Older changes are known by user alone.
struct DeviceListLog: Sendable {
    /// How many changes are remembered.
    static let longest = 4_096

    private var changes: Deque<Change> = []
    private(set) var start: StreamPosition = .zero
    private(set) var last: StreamPosition = .zero
    private(set) var lastOfUser: [UserID: StreamPosition] = [:]

    private struct Change: Sendable {
        let user: UserID
        let position: StreamPosition
    }

    mutating func note(_ user: UserID, at position: StreamPosition) {
        changes.append(Change(user: user, position: position))
        last = position
        lastOfUser[user] = position
        if changes.count > Self.longest, let dropped = changes.popFirst() { start = dropped.position }
    }

    /// Fills in a user's last change from before the start.
    mutating func restore(_ user: UserID, at position: StreamPosition) {
        lastOfUser[user] = position
        last = max(last, position)
        start = last
    }

    /// Whose keys changed after a position; `contacts` are asked one by one when the log does not reach back so far.
    func changed(after position: StreamPosition, among contacts: () -> Set<UserID>) -> Set<UserID> {
        if position >= last { return [] }
        if position >= start { return Set(changes.reversed().prefix { $0.position > position }.map(\.user)) }
        return contacts().filter { lastOfUser[$0, default: .zero] > position }
    }
}

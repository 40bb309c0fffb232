import DequeModule
import MatrixModel

/// The latest changes of presence of all users, for the question why somebody is what they are.
///
/// Pure, in memory only, and bounded twice: nothing is told that is older than the retention, and of more changes than the capacity
/// the oldest are forgotten first.
struct PresenceChangeLog: Sendable {
    /// About 10 MB.
    static let capacity = 100_000

    let retention: Duration
    private let capacity: Int
    /// In the order in which they came.
    private var changes: Deque<PresenceChange> = []

    init(retention: Duration, capacity: Int = Self.capacity) {
        self.retention = retention
        self.capacity = capacity
    }

    var count: Int { changes.count }

    mutating func append(_ change: PresenceChange) {
        dropExpired(at: change.time)
        if changes.count >= capacity { changes.removeFirst() }
        if retention > .zero { changes.append(change) }
    }

    /// Forgets what is older than the retention.
    mutating func dropExpired(at now: MatrixTimestamp) {
        while let first = changes.first, isExpired(first, at: now) { changes.removeFirst() }
    }

    /// Forgets a user.
    mutating func forget(_ user: UserID) { changes.removeAll { $0.user == user } }

    /// A user's last changes, the newest first.
    func last(_ count: Int, of user: UserID, at now: MatrixTimestamp) -> [PresenceChange] {
        Array(changes.reversed().lazy.filter { $0.user == user && !isExpired($0, at: now) }.prefix(count))
    }

    private func isExpired(_ change: PresenceChange, at now: MatrixTimestamp) -> Bool {
        change.time.advanced(by: retention) <= now
    }
}

import MatrixModel
import SubscriptionCore
import Synchronization

/// Whom everybody ignores, for the writer's operations and for those who read.
///
/// It changes inside the writer's operations, with the store, and goes back when the operation fails: so each operation goes by what those
/// before it left. The subscription engine, which follows the commits, holds the same values.
///
/// State: guarded by its lock.
final class IgnoringBook: Sendable {
    private let lists: Mutex<[UserID: IgnoredUsers]>

    init(_ lists: [UserID: IgnoredUsers]) { self.lists = Mutex(lists) }

    func ignored(by user: UserID) -> IgnoredUsers? { lists.withLock { $0.isEmpty ? nil : $0[user] } }

    func ignores(_ user: UserID, _ other: UserID) -> Bool { ignored(by: user)?.users.contains(other) ?? false }

    /// Whoever ignores nobody costs nothing.
    func set(_ ignored: IgnoredUsers, by user: UserID) { lists.withLock { $0[user] = ignored.isEmpty ? nil : ignored } }
}

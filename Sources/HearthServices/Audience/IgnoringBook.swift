import MatrixModel
import SubscriptionCore
import Synchronization

/// Whom everybody ignores, for the writer's operations and for those who read.
///
/// It holds what is on the disk (``RowMirror``); the subscription engine, which follows the commits, holds the same values.
///
/// State: guarded by its lock.
final class IgnoringBook: RowMirror {
    private let lists: Mutex<[UserID: IgnoredUsers]>

    init(_ lists: [UserID: IgnoredUsers]) { self.lists = Mutex(lists) }

    func ignored(by user: UserID) -> IgnoredUsers? { lists.withLock { $0.isEmpty ? nil : $0[user] } }

    /// The same for an operation, which sees what its transaction has changed.
    func ignored(by user: UserID, in context: WriteContext) -> IgnoredUsers? {
        if let change = context.changes(of: self)[user] { return change }
        return ignored(by: user)
    }

    func adopt(_ changes: [UserID: IgnoredUsers?]) {
        lists.withLock { lists in
            for (user, ignored) in changes { lists[user] = ignored }
        }
    }

    /// Changes whom a user ignores together with the store. Users who ignore nobody take no memory.
    func set(_ ignored: IgnoredUsers, by user: UserID, in context: WriteContext) {
        context.set(ignored.isEmpty ? nil : ignored, for: user, of: self)
    }
}

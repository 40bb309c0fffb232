import HearthStore
import MatrixModel
import SubscriptionCore

/// Whom a user ignores changes with the account data that says so, in one transaction with what the user's devices are told from now on.
extension IgnoringBook {
    /// Follows a list that was written into the account data; what the user's peeks show is for the caller to follow.
    ///
    /// - Returns: who is ignored now and was not, or the other way round.
    func change(to list: Set<UserID>, of user: UserID, in context: WriteContext) throws -> Set<UserID> {
        let before = ignored(by: user, in: context) ?? .nobody
        let toggled = before.users.symmetricDifference(list)
        if toggled.isEmpty { return [] }
        let position = context.nextPosition()
        let after = before.changed(to: list, at: position)
        let ends = context.transaction.endsOfIgnoring
        for (ignored, end) in after.endings where before.endings[ignored] != end { try ends.set(ignored, by: user, to: end) }
        for ignored in before.endings.keys where after.endings[ignored] == nil { try ends.delete(ignored, by: user) }
        replace(by: after, of: user, at: position, in: context)
        return toggled
    }

    /// A user's account data was deleted: nobody is ignored any more.
    func forget(_ user: UserID, in context: WriteContext) throws {
        guard ignored(by: user, in: context) != nil else { return }
        try context.transaction.endsOfIgnoring.deleteAll(by: user)
        replace(by: .nobody, of: user, at: context.nextPosition(), in: context)
    }

    private func replace(by after: IgnoredUsers, of user: UserID, at position: StreamPosition, in context: WriteContext) {
        set(after, by: user, in: context)
        context.tell(.ignoringChanged(user: user, after, at: position))
    }
}

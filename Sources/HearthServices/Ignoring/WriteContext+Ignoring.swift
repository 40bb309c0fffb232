import HearthStore
import MatrixModel
import SubscriptionCore

/// Whom a user ignores changes with the account data that says so, in one transaction with what follows from it: what the user's
/// devices are told from now on, and what their peeks show.
extension WriteContext {
    /// Stores a new `m.ignored_user_list` and follows it.
    ///
    /// - Throws: ``AccountDataError/tooManyIgnored(limit:)``, before anything is stored.
    func setIgnoredUsers(_ content: JSONObject, of user: UserID) throws {
        let list = IgnoredUsers.users(in: content, of: user)
        let before = ignoring.ignored(by: user) ?? .nobody
        guard list.count <= max(IgnoredUsers.most, before.users.count) else {
            throw AccountDataError.tooManyIgnored(limit: IgnoredUsers.most)
        }
        try setAccountData(.ignoredUsers, content: content, room: nil, of: user)
        try follow(list, of: user, before: before)
    }

    /// A user's account data was deleted: nobody is ignored any more.
    func forgetIgnoring(of user: UserID) throws {
        guard let before = ignoring.ignored(by: user) else { return }
        try transaction.endsOfIgnoring.deleteAll(by: user)
        change(to: .nobody, of: user, before: before, at: nextPosition())
    }

    private func follow(_ list: Set<UserID>, of user: UserID, before: IgnoredUsers) throws {
        let toggled = before.users.symmetricDifference(list)
        if toggled.isEmpty { return }
        let position = nextPosition()
        let after = before.changed(to: list, at: position)
        for (ignored, end) in after.endings where before.endings[ignored] != end {
            try transaction.endsOfIgnoring.set(ignored, by: user, to: end)
        }
        for ignored in before.endings.keys where after.endings[ignored] == nil {
            try transaction.endsOfIgnoring.delete(ignored, by: user)
        }
        change(to: after, of: user, before: before, at: position)
        let peeks = try transaction.peeks.liveIntoProfiles(of: user).filter { toggled.contains($0.owner) }.map(\.peek)
        if peeks.count > FollowUp.peeks { return try begin(.audience(.ofViewer(user))) }
        try followAudience(in: peeks)
    }

    private func change(to after: IgnoredUsers, of user: UserID, before: IgnoredUsers, at position: StreamPosition) {
        let ignoring = ignoring
        ignoring.set(after, by: user)
        onFailure { ignoring.set(before, by: user) }
        tell(.ignoringChanged(user: user, after, at: position))
    }
}

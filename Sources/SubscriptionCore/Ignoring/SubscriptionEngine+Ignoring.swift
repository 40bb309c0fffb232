public import MatrixModel

/// Who ignores whom, from memory. Whoever ignores nobody has no entry.
extension SubscriptionEngine {
    public func ignored(by user: UserID) -> IgnoredUsers? { ignoring.isEmpty ? nil : ignoring[user] }

    /// Everybody's, for the writer's memory: both share what the sets hold.
    public var everyonesIgnored: [UserID: IgnoredUsers] { ignoring }

    /// Fills in whom a user ignores at the start. Comes after the memberships: ids that memory knows are not held twice.
    public mutating func restoreIgnoring(_ ignored: IgnoredUsers, of user: UserID) {
        if ignored.isEmpty { return }
        let known = ignored.users.map { id in users.index(forKey: id).map { users[$0].key } ?? id }
        ignoring[user] = IgnoredUsers(users: Set(known), endings: ignored.endings, lastChange: ignored.lastChange)
    }

    /// Follows a new list: the sight of others' presence begins and ends with it.
    mutating func applyIgnoring(
        _ ignored: IgnoredUsers, of user: UserID, at position: StreamPosition, waking woken: inout Set<WaiterID>
    ) {
        let toggled = (ignoring[user]?.users ?? []).symmetricDifference(ignored.users)
        let sights = toggled.filter { isSomethingToSee(of: $0) }.map { Sight(viewer: user, owner: $0) }
        followSights(of: sights, at: position, waking: &woken) { $0.ignoring[user] = ignored.isEmpty ? nil : ignored }
        waiters.collect(user, into: &woken)
    }

    /// Whose presence a list that changed before the start may have taken from a client, and whose it gave back.
    func presenceTurns(
        of viewer: UserID, by ignored: IgnoredUsers, since: StreamPosition
    ) -> (gained: [UserID], lost: [UserID]) {
        guard ignored.lastChange > since else { return ([], []) }
        let lost = ignored.users.filter { lanes[$0] != nil && shareRoom(viewer, $0) }
        let gained = ignored.endings.keys.filter {
            ignored.mayHaveChanged(for: $0, after: since) && lanes[$0] != nil && seesLegacyPresence(viewer, of: $0)
        }
        return (gained, Array(lost))
    }
}

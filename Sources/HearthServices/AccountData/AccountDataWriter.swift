import HearthSettings
import HearthStore
import MatrixModel
import SubscriptionCore

/// Account data as the writer's operations store it, with what follows from it at once.
struct AccountDataWriter: AccountFollower {
    let quotas: Quotas
    let audience: PresenceAudience

    /// Stores a piece of account data that a user's client wrote, tells the user's devices, and refuses what the user's quota does not leave.
    ///
    /// What makes the whole smaller is always taken: whoever is over the quota can mend it. What keeps others away from the user counts, but is
    /// taken too: nobody has to tidy up before they can hide.
    func set(
        _ type: EventType, content: JSONObject, room: RoomID?, of user: UserID, in context: WriteContext
    ) throws {
        let position = context.nextPosition()
        let data = StoredAccountData(user: user, room: room, type: type, content: content, position: position)
        let table = context.transaction.accountData
        let before = try table.size(of: user, room: room, type: type)
        let growth = data.countedSize - (before ?? 0)
        let keepsOthersAway = room == nil && (PresenceSharing.types.contains(type) || type == .ignoredUsers)
        if growth > 0, !keepsOthersAway {
            let used = try context.transaction.usage.usage(of: user, .accountData).bytes
            guard used + growth <= quotas.accountData else { throw QuotaExceeded(.accountData, limit: quotas.accountData) }
        }
        if before == nil, !keepsOthersAway {
            let most = quotas.accountDataTypes
            guard try table.typeCount(of: user, room: room, atMost: most) < most else {
                throw QuotaExceeded(.accountDataTypes, limit: most)
            }
        }
        try table.set(data, replacing: before)
        context.tell(.accountData(user: user, at: position))
    }

    /// Sets with whom a user shares presence, under both names of the account data.
    func setSharing(_ content: JSONObject, of user: UserID, in context: WriteContext) throws {
        for type in PresenceSharing.types { try set(type, content: content, room: nil, of: user, in: context) }
        try audience.sharingChanged(to: PresenceSharing(parsing: content), of: user, in: context)
    }

    /// Stores a new `m.ignored_user_list` and follows it.
    ///
    /// - Throws: ``AccountDataError/tooManyIgnored(limit:)``, before anything is stored.
    func setIgnoredUsers(_ content: JSONObject, of user: UserID, in context: WriteContext) throws {
        let list = IgnoredUsers.users(in: content, of: user)
        guard list.count <= max(IgnoredUsers.most, audience.ignoring.ignored(by: user, in: context)?.users.count ?? 0) else {
            throw AccountDataError.tooManyIgnored(limit: IgnoredUsers.most)
        }
        try set(.ignoredUsers, content: content, room: nil, of: user, in: context)
        let toggled = try audience.ignoring.change(to: list, of: user, in: context)
        if toggled.isEmpty { return }
        let peeks = try context.transaction.peeks.liveIntoProfiles(of: user).filter { toggled.contains($0.owner) }.map(\.peek)
        try audience.follow(peeks, of: user, in: context)
    }

    func accountEnds(_ user: UserID, in context: WriteContext) throws {
        try context.transaction.accountData.deleteAll(of: user)
        try context.transaction.filters.deleteAll(of: user)
        try audience.ignoring.forget(user, in: context)
    }
}

import HearthStore
import MatrixModel
import SubscriptionCore

extension WriteContext {
    /// Stores a piece of account data that a user's client wrote, tells the user's devices, and refuses what the user's quota does not leave.
    ///
    /// What makes the whole smaller is always taken: whoever is over the quota can mend it. What keeps others away from the user counts, but is
    /// taken too: nobody has to tidy up before they can hide.
    func setAccountData(_ type: EventType, content: JSONObject, room: RoomID?, of user: UserID) throws {
        let position = nextPosition()
        let data = StoredAccountData(user: user, room: room, type: type, content: content, position: position)
        let table = transaction.accountData
        let before = try table.size(of: user, room: room, type: type)
        let growth = data.countedSize - (before ?? 0)
        let keepsOthersAway = room == nil && (PresenceSharing.types.contains(type) || type == .ignoredUsers)
        if growth > 0, !keepsOthersAway {
            let used = try transaction.usage.usage(of: user, .accountData).bytes
            guard used + growth <= quotas.accountData else { throw QuotaExceeded(.accountData, limit: quotas.accountData) }
        }
        if before == nil, !keepsOthersAway {
            let most = quotas.accountDataTypes
            guard try table.typeCount(of: user, room: room, atMost: most) < most else {
                throw QuotaExceeded(.accountDataTypes, limit: most)
            }
        }
        try table.set(data, replacing: before)
        tell(.accountData(user: user, at: position))
    }
}

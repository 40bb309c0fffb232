import MatrixModel

/// A status that stands in a user's lane stands in the account data that clients keep of it (`m.presence.persistent`) from the same commit on.
struct PersistentStatusFollower: RoomFollower {
    func follow(_ change: RoomChange, in context: WriteContext) throws {
        guard let owner = change.profileOwner, change.isLane else { return }
        for delta in change.state where delta.key == .status { try context.followStatus(delta.after?.content ?? [:], of: owner) }
    }
}

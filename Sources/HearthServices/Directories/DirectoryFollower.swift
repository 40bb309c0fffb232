import HearthStore
import MatrixModel

/// What rooms and users are found by follows their state, in the same transaction. Profile rooms are listed nowhere; their profiles are what
/// users are found by.
struct DirectoryFollower: RoomFollower {
    func follow(_ change: RoomChange, in context: WriteContext) throws {
        if change.isLane { return }
        for delta in change.state {
            let content = delta.after?.content ?? [:]
            if let owner = change.profileOwner {
                if delta.key == .profile { try context.transaction.userDirectory.set(owner, profile: content) }
                continue
            }
            if delta.key == .create, delta.before == nil {
                try context.transaction.roomDirectory.insert(change.room, isPublished: false)
            }
            try context.transaction.roomDirectory.follow(delta.key, content: content, in: change.room)
        }
    }
}

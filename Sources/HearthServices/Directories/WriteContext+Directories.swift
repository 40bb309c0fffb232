import HearthStore
import MatrixModel

/// What rooms and users are found by follows their state, in the same transaction.
extension WriteContext {
    /// Lists a new room by its create event. Profile rooms are listed nowhere.
    func listInDirectories(_ create: PersistedEvent, profileOwner: UserID?) throws {
        guard profileOwner == nil else { return }
        try transaction.roomDirectory.insert(create.roomID, isPublished: false)
        try followDirectories(of: create, profileOwner: nil)
    }

    /// Follows an event that stands in its room's present state now.
    func followDirectories(of event: PersistedEvent, profileOwner: UserID?) throws {
        guard let key = event.stateIdentity else { return }
        if let profileOwner {
            if key == .profile { try transaction.userDirectory.set(profileOwner, profile: event.content) }
        } else {
            try transaction.roomDirectory.follow(key, content: event.content, in: event.roomID)
        }
    }
}

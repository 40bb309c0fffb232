import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore

/// What the end of an account does to rooms, inside one write operation.
enum Departure {
    /// Leaves all rooms (where there are many, most of them soon after), empties the profile room and closes it. Call it before the
    /// account is marked as ended.
    static func leaveEverything(_ user: UserID, in context: WriteContext) throws {
        let profileRoom = try context.profileRoom(of: user)
        if let profileRoom {
            try context.setStatus(try StatusContent(checking: [:]), of: user)
            if let profile = try context.state(.profile, in: profileRoom), !profile.isReadable || !profile.content.isEmpty {
                try context.send(EventRequest(type: .profile, stateKey: "", sender: user, content: [:]), in: profileRoom)
            }
        }
        try context.deleteProgramFields(of: user)
        try context.begin(.departure(of: user))
        if let profileRoom { try close(profileRoom, of: user, in: context) }
    }

    private static func close(_ room: RoomID, of owner: UserID, in context: WriteContext) throws {
        try PeekRules.endAll(in: room, context: context)
        for alias in try context.transaction.aliases.aliases(of: room) { try context.transaction.aliases.delete(alias) }
        context.forgetRoom(room)
        context.tell(.profileRoomClosed(room, owner: owner))
    }
}

import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore

/// What becomes of rooms with accounts: a new one has a profile room; one that ends leaves all rooms, and its profile room is closed.
struct AccountRooms: AccountFollower {
    let followUps: FollowUpQueue

    func registered(_ user: UserID, in context: WriteContext) throws {
        _ = try ProfileRoomFactory.create(for: user, in: context)
    }

    /// Leaves all rooms (where there are many, most of them soon after), empties the profile room and closes it.
    func accountEnds(_ user: UserID, in context: WriteContext) throws {
        let profileRoom = try context.profileRoom(of: user)
        if let profileRoom {
            try context.setStatus(try StatusContent(checking: [:]), of: user)
            if let profile = try context.state(.profile, in: profileRoom), !profile.isReadable || !profile.content.isEmpty {
                try context.send(EventRequest(type: .profile, stateKey: "", sender: user, content: [:]), in: profileRoom)
            }
        }
        try context.deleteProgramFields(of: user)
        _ = try followUps.begin(.departure(of: user), in: context) { try Self.leaveNext(of: user, from: nil, in: context) }
        if let profileRoom { try Self.close(profileRoom, of: user, in: context) }
        try context.transaction.receipts.deleteAll(of: user)
    }

    /// Goes on with the departure of a user whose account has ended.
    static func step(_ pending: FollowUpQueue.Pending, in context: WriteContext) throws -> FollowUp.Cursor? {
        guard case .departure(let user) = pending.followUp else { return nil }
        return try leaveNext(of: user, from: pending.cursor, in: context)
    }

    private static func leaveNext(
        of user: UserID, from cursor: FollowUp.Cursor?, in context: WriteContext
    ) throws -> FollowUp.Cursor? {
        try FollowUp.step(through: [.join, .invite, .knock], of: user, from: cursor, in: context) { room in
            try context.sendMembership(["membership": "leave"], of: user, by: user, in: room)
        }
    }

    private static func close(_ room: RoomID, of owner: UserID, in context: WriteContext) throws {
        try PeekRules.endAll(in: room, context: context)
        for alias in try context.transaction.aliases.aliases(of: room) { try context.transaction.aliases.delete(alias) }
        context.forgetRoom(room)
        context.tell(.profileRoomClosed(room, owner: owner))
    }
}

public import HearthStore
public import MatrixModel
import RoomRules

/// Makes profile rooms (MSC1769): one for each local user, created and owned by the reserved user.
public enum ProfileRoomFactory {
    /// Makes the user's profile room inside a transaction: with its alias, and with the owner joined.
    ///
    /// - Throws: ``SendError``, which for valid user ids only a broken store causes.
    public static func create(for owner: UserID, in context: WriteContext) throws -> RoomID {
        guard let alias = RoomAlias(localpart: "@\(owner.localpart)", server: owner.server) else {
            throw SendError.malformed("The user id \(owner) is too long to have a profile room.")
        }
        let events = ProfileRoomRules.initialState(owner: owner, hearth: context.server.hearth, roomAlias: alias)
        guard let create = events.first else { throw SendError.malformed("A profile room needs a create event.") }
        let room = try context.createRoom(
            version: ProfileRoomRules.version, id: nil, creator: create.sender, content: create.content, profileOwner: owner)
        for event in events.dropFirst() {
            try context.send(
                EventRequest(type: event.type, stateKey: event.stateKey, sender: event.sender, content: event.content), in: room)
        }
        try context.transaction.userDirectory.set(owner, profile: [:])
        try context.transaction.aliases.insert(alias, for: room, creator: context.server.hearth)
        return room
    }

    /// Makes the rooms of users who have none yet, at start.
    public static func createMissing(in store: Store, with writer: RoomWriter) throws {
        let users = try store.readNow { try $0.users.withoutProfileRoom() }
        for user in users {
            do {
                try writer.performNow { context in _ = try create(for: user, in: context) }
            } catch StoreError.corrupt(let place) {
                UnreadableRows.passedOver(place, of: user.rawValue)
            } catch is SendError {
                UnreadableRows.passedOver("users", of: user.rawValue)
            }
        }
    }
}

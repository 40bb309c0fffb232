import HearthRuntime
import HearthStore
import MatrixModel

extension FollowUp {
    /// Goes through the next of a user's rooms; returns where the next step begins, nil when these were the last.
    ///
    /// A room that refuses it, or that cannot be read, is passed over: no room decides over the others, nor over what a user is called.
    static func step(
        through memberships: [Membership], of user: UserID, from cursor: Cursor?, in context: WriteContext,
        _ body: (RoomID) throws -> Void
    ) throws -> Cursor? {
        var after: RoomID?
        if case .room(let room)? = cursor { after = room }
        let found = try context.transaction.memberships.ordinaryRooms(
            of: user, among: memberships, after: after, limit: rooms + 1)
        for room in found.prefix(rooms) {
            do {
                if try context.room(room) != nil { try body(room) }
            } catch is SendError {
                continue
            } catch StoreError.corrupt(let place) {
                UnreadableRows.passedOver(place, of: user.rawValue)
            } catch let error where !(error is WriteError || StoreError.isFailure(error)) {
                RefusedParts.passedOver(of: user)
            }
        }
        return found.count > rooms ? .room(found[rooms - 1]) : nil
    }
}

import MatrixModel
import RoomRules

extension WriteContext {
    /// Puts a status into the user's lane, unless it stands there already.
    func setStatus(_ status: StatusContent, of user: UserID) throws {
        guard let room = try profileRoom(of: user), try self.room(room) != nil else {
            throw RoomError.notFound("There is no user \(user).")
        }
        let standing = try state(.status, in: room)
        guard standing?.isReadable == false || (standing?.content ?? [:]) != status.json else { return }
        try status.checkExpiry(at: now.wall)
        try send(EventRequest(type: .status, stateKey: "", sender: user, content: status.json), in: room)
    }
}

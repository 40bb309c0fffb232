import HearthStore
import MatrixModel
import RoomRules

/// Rooms end peeks: a member event of who peeks, and a history that not everybody may read any longer.
struct PeekFollower: RoomFollower {
    func follow(_ change: RoomChange, in context: WriteContext) throws {
        for delta in change.state {
            switch delta.key.type {
            case .member:
                guard delta.after?.membership != .join, let user = UserID(delta.key.key) else { continue }
                // A user who is invited, whose invitation ends or who is banned is shown the room as what it is to the user then, on every
                // device; who is not banned may peek again.
                for peek in try context.transaction.peeks.live(of: user, in: change.room) {
                    try PeekRules.end(peek, reason: .notAllowed, context: context)
                }
            case .historyVisibility where delta.key.key.isEmpty:
                let worldReadable: JSON = "world_readable"
                if delta.before?.content["history_visibility"] == worldReadable,
                    delta.after?.content["history_visibility"] != worldReadable
                {
                    try PeekRules.endAll(in: change.room, context: context)
                }
            default: continue
            }
        }
    }
}

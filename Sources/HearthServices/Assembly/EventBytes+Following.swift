import HearthRuntime
import MatrixModel

extension EventBytes: RoomFollower {
    func follow(_ change: RoomChange, in context: WriteContext) {
        guard change.origin == .local, let event = change.event else { return }
        count(change.storedBytes, of: event.sender, now: context.now.monotonic)
    }
}

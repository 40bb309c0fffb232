import DequeModule
import MatrixModel

/// The newest messages of one room and how far each member has read: enough to count what is unread without the store.
struct UnreadMessages: Sendable {
    /// Counts stop here: nobody tells 99 unread messages from more.
    static let highestCount = 100

    private var messages: Deque<Message> = []
    private var readUpTo: [UserID: StreamPosition] = [:]

    private struct Message: Sendable {
        let position: StreamPosition
        let sender: UserID
    }

    /// Counts a message; whoever sends anything has read what came before.
    mutating func note(_ event: PersistedEvent) {
        readUpTo[event.sender] = event.position
        if event.membership == .join, let user = event.stateKey.flatMap({ UserID($0) }), readUpTo[user] == nil {
            readUpTo[user] = event.position
        }
        guard event.type == .message || event.type == "m.room.encrypted", event.stateKey == nil else { return }
        messages.append(Message(position: event.position, sender: event.sender))
        if messages.count > Self.highestCount { messages.removeFirst() }
    }

    /// Fills in what happened before the server started, newest first.
    mutating func restore(newestFirst: [(position: StreamPosition, sender: UserID)], readUpTo: [UserID: StreamPosition]) {
        for message in newestFirst.reversed() {
            messages.append(Message(position: message.position, sender: message.sender))
        }
        for (user, position) in readUpTo { self.readUpTo[user] = position }
    }

    /// A user has read up to a position; what was read before stays read.
    mutating func markRead(_ user: UserID, upTo position: StreamPosition) {
        readUpTo[user] = max(readUpTo[user] ?? .zero, position)
    }

    func count(for user: UserID) -> Int {
        let read = readUpTo[user] ?? .zero
        return messages.reversed().prefix { $0.position > read }.count { $0.sender != user }
    }
}

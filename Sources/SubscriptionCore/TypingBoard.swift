import HeapModule
public import MatrixModel

/// Who is typing in which room, and until when.
///
/// [Typing notifications](https://spec.matrix.org/v1.16/client-server-api/#typing-notifications). Each change answers with the room's
/// whole list, or with nil where the list is what it was. Nothing of it is stored.
///
/// Pure. Legal transitions of a user in a room: silent -> typing (``typed(_:in:for:now:)``), typing -> typing with another deadline,
/// typing -> silent (``stopped(_:in:)``, ``takeExpired(by:)``).
public struct TypingBoard: Sendable {
    /// The longest that a client may claim at once.
    public static let longestTimeout: Duration = .seconds(30)

    /// In the order in which they began.
    private var rooms: [RoomID: [Typist]] = [:]
    /// An entry that was overtaken stays until its time and then does nothing.
    private var deadlines: Heap<Deadline> = []

    private struct Typist: Sendable {
        let user: UserID
        var deadline: MonotonicTime
    }

    private struct Deadline: Comparable, Sendable {
        let time: MonotonicTime
        let user: UserID
        let room: RoomID

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.time < rhs.time }
    }

    public init() {}

    public func users(in room: RoomID) -> [UserID] { rooms[room]?.map(\.user) ?? [] }

    /// When the next user stops by time, at the earliest.
    public var nextDeadline: MonotonicTime? { deadlines.min?.time }

    /// A user types for the timeout from now on, ``longestTimeout`` at most; one of zero or less says nothing.
    public mutating func typed(_ user: UserID, in room: RoomID, for timeout: Duration, now: MonotonicTime) -> [UserID]? {
        guard timeout > .zero else { return stopped(user, in: room) }
        let deadline = now.advanced(by: min(timeout, Self.longestTimeout))
        deadlines.insert(Deadline(time: deadline, user: user, room: room))
        if let index = rooms[room]?.firstIndex(where: { $0.user == user }) {
            rooms[room]?[index].deadline = deadline
            return nil
        }
        rooms[room, default: []].append(Typist(user: user, deadline: deadline))
        return users(in: room)
    }

    /// A user said so, sent what was typed, or left the room.
    public mutating func stopped(_ user: UserID, in room: RoomID) -> [UserID]? {
        guard let index = rooms[room]?.firstIndex(where: { $0.user == user }) else { return nil }
        rooms[room]?.remove(at: index)
        let left = users(in: room)
        if left.isEmpty { rooms[room] = nil }
        return left
    }

    /// Ends what is over by a time, and returns the rooms in which that changed the list.
    public mutating func takeExpired(by now: MonotonicTime) -> [RoomID: [UserID]] {
        var changed: [RoomID: [UserID]] = [:]
        while let first = deadlines.min, first.time <= now {
            deadlines.removeMin()
            let standing = rooms[first.room]?.first { $0.user == first.user }
            guard let standing, standing.deadline <= now, let left = stopped(first.user, in: first.room) else { continue }
            changed[first.room] = left
        }
        return changed
    }
}

import HeapModule
public import MatrixModel

/// Who is typing in which room, and until when.
///
/// [Typing notifications](https://spec.matrix.org/v1.16/client-server-api/#typing-notifications). Each change answers with the room's
/// whole list, or with nil where the list is what it was. Nothing of it is stored.
///
/// Pure. Legal transitions of a user in a room: silent -> typing (``typed(_:in:for:now:)``), typing -> typing with another deadline,
/// typing -> silent (``stopped(_:in:)``, ``loggedOut(_:)``, ``takeExpired(by:)``).
public struct TypingBoard: Sendable {
    /// The longest that a client may claim at once.
    public static let longestTimeout: Duration = .seconds(30)

    /// In the order in which they began.
    private var rooms: [RoomID: [Typist]] = [:]
    /// An entry that was overtaken stays until its time and then does nothing.
    private var deadlines: Heap<Deadline> = []

    private struct Typist: Sendable {
        let user: UserID
        /// The one that said so last.
        var device: DeviceID
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

    /// A device's user types for the timeout from now on, ``longestTimeout`` at most; one of zero or less says nothing.
    public mutating func typed(_ key: DeviceKey, in room: RoomID, for timeout: Duration, now: MonotonicTime) -> [UserID]? {
        let user = key.user
        guard timeout > .zero else { return stopped(user, in: room) }
        let deadline = now.advanced(by: min(timeout, Self.longestTimeout))
        deadlines.insert(Deadline(time: deadline, user: user, room: room))
        if let index = rooms[room]?.firstIndex(where: { $0.user == user }) {
            rooms[room]?[index].deadline = deadline
            rooms[room]?[index].device = key.device
            return nil
        }
        rooms[room, default: []].append(Typist(user: user, device: key.device, deadline: deadline))
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

    /// A device is logged out: what it said last is over. Returns the rooms in which that changed the list.
    public mutating func loggedOut(_ device: DeviceKey) -> [RoomID: [UserID]] {
        var changed: [RoomID: [UserID]] = [:]
        for (room, typists) in rooms where typists.contains(where: { $0.user == device.user && $0.device == device.device }) {
            if let left = stopped(device.user, in: room) { changed[room] = left }
        }
        return changed
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

import MatrixModel

/// What is kept in memory of one local user: the rooms, each with the position at which the membership took its value.
struct UserEntry: Sendable {
    private(set) var joined: [RoomID: StreamPosition] = [:]
    /// The numbers of the joined rooms, in no order.
    private(set) var joinedNumbers: [RoomNumber] = []
    private(set) var invited: [RoomID: StreamPosition] = [:]
    /// Rooms left or banned from, and not forgotten.
    private(set) var left: [RoomID: Departure] = [:]
    /// The newest invitation or departure.
    private(set) var lastInvitedOrLeft: StreamPosition = .zero
    /// The newest change of account data.
    var lastAccountData: StreamPosition = .zero
    /// The newest change of `m.profile`.
    var profilePosition: StreamPosition = .zero

    struct Departure: Sendable {
        let position: StreamPosition
        let membership: Membership
        /// Whether the user was a member before, and not only invited.
        let wasJoined: Bool
    }

    /// Takes over a membership; returns whether it differs from the one before.
    mutating func set(_ membership: Membership, in room: RoomID, number: RoomNumber, at position: StreamPosition) -> Bool {
        switch membership {
        case .join:
            guard joined[room] == nil else { return false }
            noteJoined(room, number: number, at: position)
            invited[room] = nil
            left[room] = nil
        case .invite:
            guard invited[room] == nil else { return false }
            noteInvited(to: room, at: position)
            _ = endJoined(room, number: number)
            left[room] = nil
        case .leave, .ban, .knock:
            let wasJoined = endJoined(room, number: number)
            let wasInvited = invited.removeValue(forKey: room) != nil
            // Who is banned after leaving has not become a member in between: the end moves, what was before stays.
            if !wasJoined, !wasInvited, let standing = left[room] {
                guard standing.membership != membership else { return false }
                noteLeft(room, Departure(position: position, membership: membership, wasJoined: standing.wasJoined))
                return true
            }
            noteLeft(room, Departure(position: position, membership: membership, wasJoined: wasJoined))
        }
        return true
    }

    mutating func noteJoined(_ room: RoomID, number: RoomNumber, at position: StreamPosition) {
        if joined.updateValue(position, forKey: room) == nil { joinedNumbers.append(number) }
    }

    mutating func noteInvited(to room: RoomID, at position: StreamPosition) {
        invited[room] = position
        lastInvitedOrLeft = max(lastInvitedOrLeft, position)
    }

    mutating func noteLeft(_ room: RoomID, _ departure: Departure) {
        left[room] = departure
        lastInvitedOrLeft = max(lastInvitedOrLeft, departure.position)
    }

    mutating func forget(_ room: RoomID) { left[room] = nil }

    /// Takes out a joined room; returns whether it was one.
    private mutating func endJoined(_ room: RoomID, number: RoomNumber) -> Bool {
        guard joined.removeValue(forKey: room) != nil else { return false }
        if let index = joinedNumbers.firstIndex(of: number) { joinedNumbers.swapAt(index, joinedNumbers.count - 1) }
        joinedNumbers.removeLast()
        return true
    }
}

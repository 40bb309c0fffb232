import MatrixModel

/// What is kept in memory of one local user: the rooms, each with the position at which the membership took its value.
struct UserEntry: Sendable {
    var joined: [RoomID: StreamPosition] = [:]
    var invited: [RoomID: StreamPosition] = [:]
    /// Rooms left or banned from, and not forgotten.
    var left: [RoomID: Departure] = [:]
    /// The newest change of account data.
    var lastAccountData: StreamPosition = .zero

    struct Departure: Sendable {
        let position: StreamPosition
        let membership: Membership
        /// What the user was before: a member sees the timeline up to the end, an invited user only the end itself.
        let wasJoined: Bool
        /// Where the lost membership had begun.
        let joinedSince: StreamPosition
    }

    /// Takes over a membership; returns whether it differs from the one before.
    mutating func set(_ membership: Membership, in room: RoomID, at position: StreamPosition) -> Bool {
        switch membership {
        case .join:
            guard joined[room] == nil else { return false }
            joined[room] = position
            invited[room] = nil
            left[room] = nil
        case .invite:
            guard invited[room] == nil else { return false }
            invited[room] = position
            joined[room] = nil
            left[room] = nil
        case .leave, .ban, .knock:
            let since = joined.removeValue(forKey: room)
            let wasInvited = invited.removeValue(forKey: room) != nil
            // Who is banned after leaving has not become a member in between: the end moves, what was before stays.
            if since == nil, !wasInvited, let standing = left[room] {
                guard standing.membership != membership else { return false }
                left[room] = Departure(
                    position: position, membership: membership, wasJoined: standing.wasJoined, joinedSince: standing.joinedSince)
                return true
            }
            left[room] = Departure(
                position: position, membership: membership, wasJoined: since != nil, joinedSince: since ?? position)
        }
        return true
    }
}

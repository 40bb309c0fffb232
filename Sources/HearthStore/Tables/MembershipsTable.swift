public import MatrixModel

/// A user's relation to a room and since when.
public struct StoredMembership: Sendable {
    public let userID: UserID
    public let roomID: RoomID
    public let membership: Membership
    /// The position at which the membership took this value; a new display name does not move it.
    public let position: StreamPosition
    public let isForgotten: Bool
}

/// Who is in which room: what `m.room.member` says, as a table.
public struct MembershipsTable {
    let db: Database

    /// What the user is to the room; nil for nothing. Where that cannot be read it is an error: it may have been a ban.
    public func membership(of user: UserID, in room: RoomID) throws -> StoredMembership? {
        try db.row("SELECT * FROM memberships WHERE user_id = ? AND room_id = ?", [user.rawValue, room.rawValue])
            .map(Self.membership)
    }

    public func memberships(of user: UserID) throws -> [StoredMembership] {
        try db.rows("SELECT * FROM memberships WHERE user_id = ? ORDER BY room_id", [user.rawValue], Self.membership)
    }

    /// The same without profile rooms.
    public func ordinary(of user: UserID) throws -> [StoredMembership] {
        try db.rows(
            "SELECT memberships.* FROM memberships JOIN rooms USING (room_id) WHERE user_id = ? AND profile_owner IS NULL",
            [user.rawValue], Self.membership)
    }

    /// The ordinary rooms with which a user has one of these relations, in the order of their ids, after one of them.
    public func ordinaryRooms(
        of user: UserID, among memberships: [Membership], after room: RoomID?, limit: Int
    ) throws -> [RoomID] {
        let words = memberships.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try db.rows(
            """
            SELECT memberships.room_id FROM memberships JOIN rooms USING (room_id)
            WHERE user_id = ? AND memberships.room_id > ? AND membership IN (\(words)) AND profile_owner IS NULL
            ORDER BY memberships.room_id LIMIT ?
            """, [user.rawValue, room?.rawValue ?? "", limit]
        ) { row in
            try row[0]
        }
    }

    /// Those who have joined a room, in the order in which they did, after a position.
    public func joined(
        in room: RoomID, after position: StreamPosition, limit: Int
    ) throws -> [(user: UserID, position: StreamPosition)] {
        try db.rows(
            """
            SELECT user_id, position FROM memberships WHERE room_id = ? AND membership = 'join' AND position > ?
            ORDER BY position LIMIT ?
            """, [room.rawValue, position.rawValue, limit]
        ) { row in
            let user: UserID = try row[0]
            return try (user: user, position: row[1])
        }
    }

    public func memberships(in room: RoomID) throws -> [StoredMembership] {
        try db.rows("SELECT * FROM memberships WHERE room_id = ? ORDER BY user_id", [room.rawValue], Self.membership)
    }

    /// How many users have joined a room.
    public func joinedCount(in room: RoomID) throws -> Int {
        try db.row("SELECT COUNT(*) AS count FROM memberships WHERE room_id = ? AND membership = 'join'", [room.rawValue])?[
            "count"]
            ?? 0
    }

    /// How many users have which membership in a room.
    public func counts(in room: RoomID) throws -> [Membership: Int] {
        let counts = try db.rows(
            "SELECT membership, COUNT(*) FROM memberships WHERE room_id = ? GROUP BY membership", [room.rawValue]
        ) { row in
            let membership: Membership = try row[0]
            return try (membership, row[1] as Int)
        }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    /// The users who have had one of some memberships in a room for the longest time, one of them left out.
    public func first(
        _ limit: Int, in room: RoomID, among memberships: [Membership], besides user: UserID
    ) throws -> [UserID] {
        let words = memberships.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try db.rows(
            """
            SELECT user_id FROM memberships WHERE room_id = ? AND membership IN (\(words)) AND user_id <> ?
            ORDER BY position LIMIT ?
            """, [room.rawValue, user.rawValue, limit]
        ) { row in
            try row[0]
        }
    }

    /// The ordinary rooms that two users have joined both.
    public func common(to user: UserID, and other: UserID) throws -> [RoomID] {
        try db.rows(
            """
            SELECT one.room_id FROM memberships one
            JOIN memberships two ON two.user_id = ? AND two.room_id = one.room_id AND two.membership = 'join'
            JOIN rooms ON rooms.room_id = one.room_id AND rooms.profile_owner IS NULL
            WHERE one.user_id = ? AND one.membership = 'join'
            """, [other.rawValue, user.rawValue]
        ) { row in
            try row["room_id"]
        }
    }

    /// Those whose membership of a room ended, or came to nothing, after a position, and who have no room in common with a user now.
    public func strangers(to user: UserID, whoLeft room: RoomID, after position: StreamPosition) throws -> [UserID] {
        try db.rows(
            """
            SELECT gone.user_id FROM memberships gone
            WHERE gone.room_id = ? AND gone.position > ? AND gone.membership <> 'join' AND gone.user_id <> ? AND NOT EXISTS (
                SELECT 1 FROM memberships one JOIN memberships two ON two.user_id = ? AND two.room_id = one.room_id
                WHERE one.user_id = gone.user_id AND one.membership = 'join' AND two.membership = 'join')
            ORDER BY gone.user_id
            """, [room.rawValue, position.rawValue, user.rawValue, user.rawValue]
        ) { row in
            try row[0]
        }
    }

    /// Stores what a member event said. Only a changed membership moves the position.
    public func set(_ membership: Membership, of user: UserID, in room: RoomID, at position: StreamPosition) throws {
        try db.run(
            """
            INSERT INTO memberships (user_id, room_id, membership, position, is_forgotten) VALUES (?, ?, ?, ?, 0)
            ON CONFLICT (user_id, room_id) DO UPDATE SET
                position = CASE WHEN memberships.membership = excluded.membership THEN memberships.position ELSE excluded.position END,
                is_forgotten = CASE WHEN memberships.membership = excluded.membership THEN memberships.is_forgotten ELSE 0 END,
                membership = excluded.membership
            """, [user.rawValue, room.rawValue, membership.rawValue, position.rawValue])
    }

    public func forget(_ room: RoomID, by user: UserID) throws {
        try db.run(
            "UPDATE memberships SET is_forgotten = 1 WHERE user_id = ? AND room_id = ?", [user.rawValue, room.rawValue])
    }

    private static func membership(_ row: Row) throws -> StoredMembership {
        let user: UserID = try row["user_id"]
        let room: RoomID = try row["room_id"]
        let membership: Membership = try row["membership"]
        return try StoredMembership(
            userID: user, roomID: room, membership: membership, position: row["position"],
            isForgotten: row["is_forgotten"])
    }
}

public import MatrixModel

/// One peek of one device (MSC2753): a row from its start to after its end.
public struct StoredPeek: Sendable {
    public let device: DeviceKey
    public let room: RoomID
    public let started: StreamPosition
    public var expires: MatrixTimestamp
    /// Where in the stream the peek began to show the room's lane; nil while it shows none.
    public var laneSince: StreamPosition?
    /// Where in the stream the peek ended; nil while it lives.
    public var ended: StreamPosition?
    public var endReason: PeekEndReason?

    public init(
        device: DeviceKey, room: RoomID, started: StreamPosition, expires: MatrixTimestamp,
        laneSince: StreamPosition? = nil, ended: StreamPosition? = nil, endReason: PeekEndReason? = nil
    ) {
        self.device = device
        self.room = room
        self.started = started
        self.expires = expires
        self.laneSince = laneSince
        self.ended = ended
        self.endReason = endReason
    }
}

/// Why a peek ended.
public enum PeekEndReason: String, Sendable {
    case unpeeked, expired, joined
    case notAllowed = "not_allowed"
}

/// The peeks of all devices. Ended ones stay for a while, so that a repeated `since` gets the same answer.
public struct PeeksTable {
    let db: Database

    public func insert(_ peek: StoredPeek) throws {
        try db.run(
            """
            INSERT INTO peeks (started_position, user_id, device_id, room_id, expires_ts, lane_since) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                peek.started.rawValue, peek.device.user.rawValue, peek.device.device.rawValue, peek.room.rawValue,
                peek.expires.milliseconds, peek.laneSince?.rawValue,
            ])
    }

    public func renew(started: StreamPosition, until expires: MatrixTimestamp) throws {
        try db.run("UPDATE peeks SET expires_ts = ? WHERE started_position = ?", [expires.milliseconds, started.rawValue])
    }

    /// The peek shows the room's lane from a position on.
    public func grantLane(started: StreamPosition, at position: StreamPosition) throws {
        try db.run("UPDATE peeks SET lane_since = ? WHERE started_position = ?", [position.rawValue, started.rawValue])
    }

    public func end(started: StreamPosition, at ended: StreamPosition, reason: PeekEndReason) throws {
        try db.run(
            "UPDATE peeks SET ended_position = ?, end_reason = ? WHERE started_position = ?",
            [ended.rawValue, reason.rawValue, started.rawValue])
    }

    public func all() throws -> [StoredPeek] {
        try db.rows("SELECT * FROM peeks ORDER BY started_position", StatementArguments(), Self.peek)
    }

    /// All live peeks, each with the owner of the profile room that it looks into; nil where that is none, or is closed.
    public func allLive() throws -> [(peek: StoredPeek, owner: UserID?)] {
        try db.rows(
            """
            SELECT peeks.*, CASE WHEN COALESCE(users.is_deactivated, 0) = 0 THEN rooms.profile_owner END AS owner
            FROM peeks LEFT JOIN rooms ON rooms.room_id = peeks.room_id LEFT JOIN users ON users.user_id = rooms.profile_owner
            WHERE peeks.ended_position IS NULL ORDER BY peeks.started_position
            """
        ) { row in
            (peek: try Self.peek(row), owner: (try row["owner"] as String?).flatMap { UserID($0) })
        }
    }

    /// The live peeks of a user's devices into a room.
    public func live(of user: UserID, in room: RoomID) throws -> [StoredPeek] {
        try db.rows(
            "SELECT * FROM peeks WHERE user_id = ? AND room_id = ? AND ended_position IS NULL",
            [user.rawValue, room.rawValue], Self.peek)
    }

    /// The live peeks of one device.
    public func live(of device: DeviceKey) throws -> [StoredPeek] {
        try db.rows(
            "SELECT * FROM peeks WHERE user_id = ? AND device_id = ? AND ended_position IS NULL",
            [device.user.rawValue, device.device.rawValue], Self.peek)
    }

    /// How many live peeks a device has; looks at no more than `most`.
    public func count(of device: DeviceKey, atMost most: Int) throws -> Int {
        try db.row(
            """
            SELECT COUNT(*) AS count FROM (
                SELECT 1 FROM peeks WHERE user_id = ? AND device_id = ? AND ended_position IS NULL LIMIT ?) AS found
            """, [device.user.rawValue, device.device.rawValue, most])?["count"] ?? 0
    }

    /// The oldest live peeks into a room that started after a position.
    public func live(in room: RoomID, after position: StreamPosition = .zero, limit: Int = .max) throws -> [StoredPeek] {
        try db.rows(
            """
            SELECT * FROM peeks WHERE room_id = ? AND ended_position IS NULL AND started_position > ?
            ORDER BY started_position LIMIT ?
            """, [room.rawValue, position.rawValue, limit], Self.peek)
    }

    /// Ends all live peeks into a room; returns how many there were.
    public func endAll(in room: RoomID, at ended: StreamPosition, reason: PeekEndReason) throws -> Int {
        try db.run(
            "UPDATE peeks SET ended_position = ?, end_reason = ? WHERE room_id = ? AND ended_position IS NULL",
            [ended.rawValue, reason.rawValue, room.rawValue])
        return db.changesCount
    }

    /// The oldest live peeks of a user into the profile rooms of those who have or had to do with a room, after a position.
    public func live(
        of user: UserID, intoProfilesOfMembersOf room: RoomID, after position: StreamPosition, limit: Int
    ) throws -> [StoredPeek] {
        try db.rows(
            """
            SELECT peeks.* FROM peeks
            JOIN rooms ON rooms.room_id = peeks.room_id
            JOIN memberships owner ON owner.user_id = rooms.profile_owner AND owner.room_id = ?
            WHERE peeks.user_id = ? AND peeks.ended_position IS NULL AND peeks.started_position > ?
            ORDER BY peeks.started_position LIMIT ?
            """, [room.rawValue, user.rawValue, position.rawValue, limit], Self.peek)
    }

    /// The oldest live peeks of a user into profile rooms after a position, each with the room's owner.
    public func liveIntoProfiles(
        of user: UserID, after position: StreamPosition = .zero, limit: Int = .max
    ) throws -> [(peek: StoredPeek, owner: UserID)] {
        try db.rows(
            """
            SELECT peeks.*, rooms.profile_owner AS owner FROM peeks JOIN rooms ON rooms.room_id = peeks.room_id
            WHERE peeks.user_id = ? AND peeks.ended_position IS NULL AND rooms.profile_owner IS NOT NULL
            AND peeks.started_position > ? ORDER BY peeks.started_position LIMIT ?
            """, [user.rawValue, position.rawValue, limit]
        ) { row in
            let owner: UserID = try row["owner"]
            return (peek: try Self.peek(row), owner: owner)
        }
    }

    /// The live peeks that would end after a time.
    public func live(expiringAfter time: MatrixTimestamp) throws -> [StoredPeek] {
        try db.rows("SELECT * FROM peeks WHERE ended_position IS NULL AND expires_ts > ?", [time.milliseconds], Self.peek)
    }

    /// Deletes the peeks that ended first, at or before a position.
    ///
    /// - Returns: whether there may be more of them.
    public func purge(endedUpTo position: StreamPosition, limit: Int) throws -> Bool {
        try db.run(
            """
            DELETE FROM peeks WHERE started_position IN (
                SELECT started_position FROM peeks WHERE ended_position <= ? ORDER BY ended_position LIMIT ?)
            """, [position.rawValue, limit])
        return db.changesCount == limit
    }

    private static func peek(_ row: Row) throws -> StoredPeek {
        let user: UserID = try row["user_id"]
        let device: DeviceID = try row["device_id"]
        let room: RoomID = try row["room_id"]
        return try StoredPeek(
            device: DeviceKey(user: user, device: device), room: room, started: row["started_position"],
            expires: row["expires_ts"],
            laneSince: row["lane_since"],
            ended: row["ended_position"],
            endReason: row["end_reason"])
    }
}

public import MatrixModel

/// What a start reads into memory: each kind of fact by one query, and its rows one by one.
///
/// So the number of statements does not grow with the users and rooms, and beside what is made of the rows a start holds one of them at a time.
/// A row that cannot be read is passed over.
public struct RestorationQueries {
    let db: Database

    /// The rooms of which memory holds anything: those that are no profile rooms, and those that somebody peeks or has peeked into.
    private static let rooms = "(SELECT room_id FROM rooms WHERE profile_owner IS NULL UNION SELECT room_id FROM peeks) AS r"

    /// Every profile room that is open, with its owner.
    public func eachProfileRoom(_ body: (RoomID, _ owner: UserID) -> Void) throws {
        try db.eachRow(
            """
            SELECT r.room_id, r.profile_owner FROM rooms r LEFT JOIN users u ON u.user_id = r.profile_owner
            WHERE r.profile_owner IS NOT NULL AND COALESCE(u.is_deactivated, 0) = 0
            """
        ) { row in
            body(try row[0], try row[1])
        }
    }

    /// Every room that is no profile room, and every one that is peeked into, with the position of the newest event of its main chain.
    public func eachRoom(_ body: (RoomID, _ last: StreamPosition) -> Void) throws {
        try db.eachRow(
            """
            SELECT r.room_id, (SELECT MAX(e.position) FROM events e WHERE e.room_id = r.room_id AND e.is_lane = 0) AS last
            FROM \(Self.rooms)
            """
        ) { row in
            body(try row[0], try row[1] ?? .zero)
        }
    }

    /// Of each such room the newest events that concern somebody, up to `limit` plain ones and as many marked ones; in stream order within a
    /// room and a kind.
    public func eachNotice(_ limit: Int, _ body: (RoomID, StoredNotices) -> Void) throws {
        let newestPlain = """
            SELECT x.position FROM events x LEFT JOIN push_notices k ON k.position = x.position
            WHERE x.room_id = r.room_id AND x.is_lane = 0 AND (k.kind = 1
                OR k.kind IS NULL AND x.state_key IS NULL AND x.type IN ('m.room.message', 'm.room.encrypted'))
            ORDER BY x.position DESC LIMIT ?
            """
        let newestMarked = """
            SELECT k.position FROM push_notices k WHERE k.room_id = r.room_id AND k.kind = 2 ORDER BY k.position DESC LIMIT ?
            """
        for newest in [newestPlain, newestMarked] {
            try db.eachRow(
                """
                SELECT e.position, e.type, e.state_key, e.sender, n.base, n.deviations, r.room_id
                FROM \(Self.rooms) CROSS JOIN events e LEFT JOIN push_notices n ON n.position = e.position
                WHERE e.position IN (\(newest)) ORDER BY r.room_id, e.position
                """, [limit]
            ) { row in body(try row[6], try PushNoticesTable.notices(row)) }
        }
    }

    /// Who sent the main chains of all rooms that are no profile rooms: each sender's newest event of each room.
    public func eachSender(_ body: (UserID, RoomID, _ newest: StreamPosition) -> Void) throws {
        try db.eachRow(
            """
            SELECT e.room_id, e.sender, MAX(e.position) FROM rooms r CROSS JOIN events e
            WHERE r.profile_owner IS NULL AND e.room_id = r.room_id AND e.is_lane = 0 GROUP BY e.room_id, e.sender
            """
        ) { row in
            body(try row[1], try row[0], try row[2])
        }
    }

    /// Everybody's relation to every room that is no profile room.
    ///
    /// - Parameter body: gets beside the membership whether a departure ended one, and not only an invitation. It is not looked up of rooms that
    ///   were forgotten.
    public func eachMembership(_ body: (StoredMembership, _ wasJoined: Bool) -> Void) throws {
        let events = EventsTable(db: db)
        try db.eachRow(
            """
            SELECT e.*, m.user_id AS member, m.room_id AS member_room, m.membership, m.position AS since, m.is_forgotten
            FROM rooms r JOIN memberships m ON m.room_id = r.room_id
            LEFT JOIN events e ON e.position = m.position AND m.is_forgotten = 0 AND m.membership IN ('leave', 'ban', 'knock')
            WHERE r.profile_owner IS NULL
            """
        ) { row in
            let stored = try StoredMembership(
                userID: row["member"], roomID: row["member_room"], membership: row["membership"], position: row["since"],
                isForgotten: row["is_forgotten"])
            let hasEvent = !row.databaseValue(at: EventColumn.position.rawValue).isNull
            body(stored, hasEvent ? try db.readable(row, events.persisted)?.previousMembership == .join : false)
        }
    }

    /// How far everybody has read, threads taken together.
    public func eachReach(_ body: (ReceiptsTable.Reach) -> Void) throws {
        try db.eachRow(ReceiptsTable.reachesOfAll) { body(try ReceiptsTable.reach($0)) }
    }

    /// Every user who has account data, with the position of its last change.
    public func eachAccountDataChange(_ body: (UserID, StreamPosition) -> Void) throws {
        try db.eachRow("SELECT user_id, MAX(position) FROM account_data GROUP BY user_id") { row in
            body(try row[0], try row[1])
        }
    }

    /// Everybody's global account data of one type.
    public func eachAccountData(_ type: EventType, _ body: (StoredAccountData) -> Void) throws {
        try db.eachRow("SELECT * FROM account_data WHERE room_id = '' AND type = ?", [type.rawValue]) {
            body(try AccountDataTable.data($0))
        }
    }

    /// How many unclaimed one-time keys each device has of each algorithm.
    public func eachOneTimeKeyCount(_ body: (DeviceKey, _ algorithm: String, _ count: Int) -> Void) throws {
        try db.eachRow(
            "SELECT user_id, device_id, algorithm, COUNT(*) AS count FROM one_time_keys GROUP BY user_id, device_id, algorithm"
        ) { body(try DeviceKey(storedIn: $0), try $0["algorithm"], try $0["count"]) }
    }

    /// Which fallback keys of each device nobody got yet; the algorithms of a device come sorted.
    public func eachUnusedFallbackKey(_ body: (DeviceKey, _ algorithm: String) -> Void) throws {
        try db.eachRow(
            "SELECT user_id, device_id, algorithm FROM fallback_keys WHERE is_used = 0 ORDER BY user_id, device_id, algorithm"
        ) { body(try DeviceKey(storedIn: $0), try $0["algorithm"]) }
    }

    /// What stands published of every user.
    public func eachPresence(_ body: (StoredPresence) -> Void) throws {
        try db.eachRow("SELECT * FROM presence") { body(try PresenceTable.presence($0)) }
    }
}

public import MatrixModel

/// The key of one session in a backup: [KeyBackupData](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keyskeysroomidsessionid).
public struct BackedUpSession: Sendable, Equatable {
    /// The index of the first message that the key can decrypt.
    public let firstMessageIndex: Int64
    /// How often the key was forwarded.
    public let forwardedCount: Int64
    /// Whether the device that made the backup trusts the one that the key came from.
    public let isVerified: Bool
    /// Encrypted; the server cannot read it.
    public let sessionData: JSONObject

    public init(firstMessageIndex: Int64, forwardedCount: Int64, isVerified: Bool, sessionData: JSONObject) {
        self.firstMessageIndex = firstMessageIndex
        self.forwardedCount = forwardedCount
        self.isVerified = isVerified
        self.sessionData = sessionData
    }
}

/// The sessions in key backups.
public struct KeyBackupSessionsTable {
    let db: Database

    /// One session's place in a backup.
    public struct Place: Sendable {
        public let user: UserID
        public let version: Int64
        public let room: RoomID
        public let session: String

        public init(user: UserID, version: Int64, room: RoomID, session: String) {
            self.user = user
            self.version = version
            self.room = room
            self.session = session
        }
    }

    public func session(at place: Place) throws -> BackedUpSession? {
        try db.readableRow(
            "SELECT * FROM key_backup_sessions WHERE user_id = ? AND version = ? AND room_id = ? AND session_id = ?",
            [place.user.rawValue, place.version, place.room.rawValue, place.session], Self.session)
    }

    /// The sessions of a version, of one room if it is given, by room and then by their ids.
    public func sessions(
        of version: Int64, user: UserID, room: RoomID? = nil
    ) throws -> [(room: RoomID, id: String, session: BackedUpSession)] {
        try db.rows(
            """
            SELECT * FROM key_backup_sessions WHERE user_id = ? AND version = ? AND (CAST(? AS TEXT) IS NULL OR room_id = ?)
            ORDER BY room_id, session_id
            """, [user.rawValue, version, room?.rawValue, room?.rawValue]
        ) { row in
            let room: RoomID = try row["room_id"]
            return (room: room, id: try row["session_id"], session: try Self.session(row))
        }
    }

    /// How many bytes the session at a place counts for its user; nil where there is none.
    private func size(at place: Place) throws -> Int64? {
        try db.row(
            """
            SELECT \(StoredSize.backedUpSession) AS size FROM key_backup_sessions
            WHERE user_id = ? AND version = ? AND room_id = ? AND session_id = ?
            """, [place.user.rawValue, place.version, place.room.rawValue, place.session])?["size"]
    }

    /// Returns whether there was none at the place, readable or not.
    @discardableResult
    public func set(_ session: BackedUpSession, at place: Place) throws -> Bool {
        try db.checkKey(place.user.rawValue, place.room.rawValue, place.session)
        let before = try size(at: place)
        let after = session.countedSize(at: place)
        try UsageTable(db: db).add(
            Usage(bytes: after - (before ?? 0), items: before == nil ? 1 : 0), .keyBackup, of: place.user.rawValue)
        try db.run(
            """
            INSERT INTO key_backup_sessions
                (user_id, version, room_id, session_id, first_message_index, forwarded_count, is_verified, session_data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, version, room_id, session_id) DO UPDATE SET
                first_message_index = excluded.first_message_index, forwarded_count = excluded.forwarded_count,
                is_verified = excluded.is_verified, session_data = excluded.session_data
            """,
            [
                place.user.rawValue, place.version, place.room.rawValue, place.session, session.firstMessageIndex,
                session.forwardedCount, session.isVerified, try StoredJSON.data(session.sessionData),
            ])
        return before == nil
    }

    /// Deletes sessions: all of a version, of one room, or one; returns how many there were.
    public func delete(of version: Int64, user: UserID, room: RoomID?, session: String?) throws -> Int {
        let which =
            "user_id = ? AND version = ? AND (CAST(? AS TEXT) IS NULL OR room_id = ?) AND (CAST(? AS TEXT) IS NULL OR session_id = ?)"
        let arguments: StatementArguments = [user.rawValue, version, room?.rawValue, room?.rawValue, session, session]
        let counted =
            try db.readableRow(
                "SELECT CAST(SUM(\(StoredSize.backedUpSession)) AS BIGINT) AS bytes, COUNT(*) AS items FROM key_backup_sessions WHERE \(which)",
                arguments
            ) { try Usage(bytes: $0["bytes"] ?? 0, items: $0["items"]) } ?? Usage()
        try db.run("DELETE FROM key_backup_sessions WHERE \(which)", arguments)
        try UsageTable(db: db).subtract(counted, .keyBackup, of: user.rawValue)
        return Int(counted.items)
    }

    /// Deletes at most so many sessions of a user, of one version or room if it is given; returns how many.
    public func deleteSome(_ most: Int, of user: UserID, version: Int64? = nil, room: RoomID? = nil) throws -> Int {
        let some = """
            FROM key_backup_sessions WHERE user_id = ? AND (CAST(? AS BIGINT) IS NULL OR version = ?) AND (CAST(? AS TEXT) IS NULL OR room_id = ?)
            ORDER BY version, room_id, session_id LIMIT ?
            """
        let arguments: StatementArguments = [user.rawValue, version, version, room?.rawValue, room?.rawValue, most]
        let counted =
            try db.readableRow(
                "SELECT CAST(SUM(bytes) AS BIGINT) AS bytes, COUNT(*) AS items FROM (SELECT \(StoredSize.backedUpSession) AS bytes \(some)) AS found",
                arguments
            ) { try Usage(bytes: $0["bytes"] ?? 0, items: $0["items"]) } ?? Usage()
        try db.run(
            """
            DELETE FROM key_backup_sessions
            WHERE user_id = ? AND (version, room_id, session_id) IN (SELECT version, room_id, session_id \(some))
            """, [user.rawValue] + arguments)
        try UsageTable(db: db).subtract(counted, .keyBackup, of: user.rawValue)
        return Int(counted.items)
    }

    private static func session(_ row: Row) throws -> BackedUpSession {
        try BackedUpSession(
            firstMessageIndex: row["first_message_index"], forwardedCount: row["forwarded_count"],
            isVerified: row["is_verified"], sessionData: try StoredJSON.object(row, "session_data", of: "key_backup_sessions"))
    }
}

extension BackedUpSession {
    /// What the session counts for its user, in bytes: as ``StoredSize/backedUpSession`` has it of the row.
    public func countedSize(at place: KeyBackupSessionsTable.Place) -> Int64 {
        Int64(sessionData.bytes.count + place.room.rawValue.utf8.count + place.session.utf8.count + 64)
    }
}

public import MatrixModel

/// One account with what an administrator is told of it.
public struct ListedUser: Sendable, Equatable {
    public let userID: UserID
    public let isAdmin: Bool
    public let isDeactivated: Bool
    public let created: MatrixTimestamp
    public let deviceCount: Int
    /// The last contact of any device, to the minute.
    public let lastContact: MatrixTimestamp?
}

extension UsersTable {
    /// Accounts in the order of their ids, deactivated ones too: at most `limit` of those after an id.
    ///
    /// - Parameter text: what their ids contain, whatever the case of its letters; empty for all.
    public func list(containing text: String, after: String, limit: Int) throws -> [ListedUser] {
        try db.rows(
            """
            SELECT users.*, COUNT(devices.device_id) AS device_count, MAX(devices.last_contact_ts) AS last_contact_ts
            FROM users LEFT JOIN devices ON devices.user_id = users.user_id
            WHERE users.user_id > ? AND instr(LOWER(users.user_id), ?) > 0
            GROUP BY users.user_id ORDER BY users.user_id LIMIT ?
            """, [after, CaseFolding.fold(text), limit], Self.listed)
    }

    /// One account as ``list(containing:after:limit:)`` tells it.
    public func listed(_ user: UserID) throws -> ListedUser? {
        try db.rows(
            """
            SELECT users.*, COUNT(devices.device_id) AS device_count, MAX(devices.last_contact_ts) AS last_contact_ts
            FROM users LEFT JOIN devices ON devices.user_id = users.user_id
            WHERE users.user_id = ? GROUP BY users.user_id
            """, [user.rawValue], Self.listed
        ).first
    }

    /// How many accounts there are that were not deactivated.
    public func activeCount() throws -> Int {
        try db.row("SELECT COUNT(*) AS count FROM users WHERE is_deactivated = 0")?["count"] ?? 0
    }

    private static func listed(_ row: Row) throws -> ListedUser {
        let id: UserID = try row["user_id"]
        return try ListedUser(
            userID: id, isAdmin: row["is_admin"], isDeactivated: row["is_deactivated"],
            created: row["created_ts"], deviceCount: row["device_count"],
            lastContact: row["last_contact_ts"])
    }
}

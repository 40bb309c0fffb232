public import MatrixModel

/// One local account.
public struct StoredUser: Sendable {
    public let userID: UserID
    /// The encoded password hash; nil when nobody can log in with a password.
    public let passwordHash: String?
    public let isAdmin: Bool
    public let isDeactivated: Bool
}

/// The local accounts.
public struct UsersTable {
    let db: Database

    /// An account of which something cannot be read is one that has ended: its name stays taken, and nobody logs in.
    public func user(_ userID: UserID) throws -> StoredUser? {
        guard let row = try db.row("SELECT * FROM users WHERE user_id = ?", [userID.rawValue]) else { return nil }
        return try db.readable(row) { row in
            try StoredUser(
                userID: userID, passwordHash: row["password_hash"], isAdmin: row["is_admin"],
                isDeactivated: row["is_deactivated"])
        } ?? StoredUser(userID: userID, passwordHash: nil, isAdmin: false, isDeactivated: true)
    }

    public func insert(_ userID: UserID, passwordHash: String?, isAdmin: Bool, at now: MatrixTimestamp) throws {
        try db.run(
            "INSERT INTO users (user_id, password_hash, is_admin, is_deactivated, created_ts) VALUES (?, ?, ?, 0, ?)",
            [userID.rawValue, passwordHash, isAdmin, now.milliseconds])
    }

    public func setPasswordHash(_ hash: String, of userID: UserID) throws {
        try db.run("UPDATE users SET password_hash = ? WHERE user_id = ?", [hash, userID.rawValue])
    }

    /// Marks the account as ended for good. Its row stays, so that nobody else gets the name.
    public func deactivate(_ userID: UserID) throws {
        try db.run("UPDATE users SET is_deactivated = 1, is_admin = 0 WHERE user_id = ?", [userID.rawValue])
    }

    /// All accounts, deactivated ones too, in the order of their ids.
    public func all() throws -> [UserID] {
        try db.rows("SELECT user_id FROM users ORDER BY user_id") { row in
            try row["user_id"]
        }
    }

    /// Accounts that have no profile room yet.
    public func withoutProfileRoom() throws -> [UserID] {
        try db.rows(
            """
            SELECT user_id FROM users WHERE is_deactivated = 0
            AND user_id NOT IN (SELECT profile_owner FROM rooms WHERE profile_owner IS NOT NULL) ORDER BY user_id
            """
        ) { row in
            try row["user_id"]
        }
    }
}

public import MatrixModel

/// One registration token.
public struct StoredRegistrationToken: Sendable, Equatable {
    public let token: String
    /// How many accounts it is good for; nil for any number.
    public let usesAllowed: Int?
    public let usesCompleted: Int
    /// From when on it is no longer good; nil for never.
    public let expires: MatrixTimestamp?
}

/// Tokens that allow a registration where registration is not open.
public struct RegistrationTokensTable {
    let db: Database

    public func insert(_ token: String, usesAllowed: Int?, expires: MatrixTimestamp?) throws {
        try db.checkKey(token)
        try db.run(
            "INSERT INTO registration_tokens (token, uses_allowed, uses_completed, expires_ts) VALUES (?, ?, 0, ?)",
            [token, usesAllowed, expires?.milliseconds])
    }

    /// All tokens, used up ones too, in the order of their texts.
    public func all() throws -> [StoredRegistrationToken] {
        try db.rows("SELECT * FROM registration_tokens ORDER BY token") { row in
            try StoredRegistrationToken(
                token: row["token"], usesAllowed: row["uses_allowed"], usesCompleted: row["uses_completed"],
                expires: row["expires_ts"])
        }
    }

    /// Deletes a token; false when there is none of this text.
    public func delete(_ token: String) throws -> Bool {
        guard try db.row("SELECT 1 FROM registration_tokens WHERE token = ?", [token]) != nil else { return false }
        try db.run("DELETE FROM registration_tokens WHERE token = ?", [token])
        return true
    }

    /// Whether the token would be taken now.
    public func isValid(_ token: String, at now: MatrixTimestamp) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM registration_tokens WHERE token = ?
            AND (uses_allowed IS NULL OR uses_completed < uses_allowed) AND (expires_ts IS NULL OR expires_ts > ?)
            """, [token, now.milliseconds]) != nil
    }

    /// Counts one use; false when the token may not be used (any more).
    public func use(_ token: String, at now: MatrixTimestamp) throws -> Bool {
        guard try isValid(token, at: now) else { return false }
        try db.run("UPDATE registration_tokens SET uses_completed = uses_completed + 1 WHERE token = ?", [token])
        return true
    }

    /// Deletes tokens whose time is over.
    public func purge(expiredBefore now: MatrixTimestamp) throws {
        try db.run("DELETE FROM registration_tokens WHERE expires_ts <= ?", [now.milliseconds])
    }
}

public import MatrixModel

/// What of a user's presence outlives the process, in the wire's words.
public struct StoredPresence: Sendable, Equatable {
    public var user: UserID
    /// What was last published; nil before the first publication.
    public var published: String?
    /// When the user was last published as online.
    public var lastOnline: MatrixTimestamp?
}

/// What was published of users. Their choices are in ``PresenceChoicesTable``.
public struct PresenceTable {
    let db: Database

    static func presence(_ row: Row) throws -> StoredPresence {
        try StoredPresence(user: row["user_id"], published: row["published"], lastOnline: row["last_online_ts"])
    }

    public func setPublished(_ presence: String, lastOnline: MatrixTimestamp?, of user: UserID) throws {
        try db.run(
            """
            INSERT INTO presence (user_id, published, last_online_ts) VALUES (?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE SET published = excluded.published, last_online_ts = excluded.last_online_ts
            """, [user.rawValue, presence, lastOnline?.milliseconds])
    }

    public func delete(_ user: UserID) throws {
        try db.run("DELETE FROM presence WHERE user_id = ?", [user.rawValue])
    }
}

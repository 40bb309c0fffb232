public import MatrixModel

/// Where users ceased to ignore others, of each pair the last time: what came before that is not told any more.
public struct EndsOfIgnoringTable {
    let db: Database

    public func set(_ ignored: UserID, by user: UserID, to position: StreamPosition) throws {
        try db.run(
            """
            INSERT INTO ends_of_ignoring (user_id, ignored, position) VALUES (?, ?, ?)
            ON CONFLICT (user_id, ignored) DO UPDATE SET position = excluded.position
            """, [user.rawValue, ignored.rawValue, position.rawValue])
    }

    public func delete(_ ignored: UserID, by user: UserID) throws {
        try db.run("DELETE FROM ends_of_ignoring WHERE user_id = ? AND ignored = ?", [user.rawValue, ignored.rawValue])
    }

    public func deleteAll(by user: UserID) throws {
        try db.run("DELETE FROM ends_of_ignoring WHERE user_id = ?", [user.rawValue])
    }

    /// Everybody's, by the user who ignored.
    public func all() throws -> [UserID: [UserID: StreamPosition]] {
        let rows = try db.rows("SELECT * FROM ends_of_ignoring") { row in
            let user: UserID = try row["user_id"]
            let ignored: UserID = try row["ignored"]
            return try (user: user, ignored: ignored, position: row["position"] as StreamPosition)
        }
        var ends: [UserID: [UserID: StreamPosition]] = [:]
        for row in rows { ends[row.user, default: [:]][row.ignored] = row.position }
        return ends
    }
}

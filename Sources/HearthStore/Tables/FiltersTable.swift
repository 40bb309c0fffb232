import GRDB
public import MatrixModel

/// Sync filters that clients stored. The same filter stored twice gets the same id.
public struct FiltersTable {
    let db: Database

    public func insert(_ json: JSONObject, for user: UserID, at now: MatrixTimestamp) throws -> Int64 {
        let bytes = try StoredJSON.data(json)
        if let row = try db.row("SELECT filter_id FROM filters WHERE user_id = ? AND json = ?", [user.rawValue, bytes]) {
            let id: Int64 = row["filter_id"]
            try touch(id, of: user, at: now)
            return id
        }
        let last = try db.row("SELECT MAX(filter_id) AS last FROM filters WHERE user_id = ?", [user.rawValue])
        let id = ((last?["last"] as Int64?) ?? 0) + 1
        try db.run(
            "INSERT INTO filters (user_id, filter_id, json, last_used_ts) VALUES (?, ?, ?, ?)",
            [user.rawValue, id, bytes, now.milliseconds])
        return id
    }

    public func filter(_ id: Int64, of user: UserID) throws -> (json: JSONObject, lastUsed: MatrixTimestamp)? {
        try db.readableRow(
            "SELECT user_id, json, last_used_ts FROM filters WHERE user_id = ? AND filter_id = ?", [user.rawValue, id]
        ) { row in
            (
                json: try StoredJSON.object(row, "json", of: "filters"),
                lastUsed: MatrixTimestamp(milliseconds: row["last_used_ts"])
            )
        }
    }

    /// Notes that a filter is in use, so that the purge leaves it.
    public func touch(_ id: Int64, of user: UserID, at now: MatrixTimestamp) throws {
        try db.run(
            "UPDATE filters SET last_used_ts = ? WHERE user_id = ? AND filter_id = ?", [now.milliseconds, user.rawValue, id])
    }

    public func purge(unusedSince time: MatrixTimestamp) throws {
        try db.run("DELETE FROM filters WHERE last_used_ts < ?", [time.milliseconds])
    }
}

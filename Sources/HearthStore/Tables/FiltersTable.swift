public import MatrixModel

/// Sync filters that clients stored.
public struct FiltersTable {
    let db: Database

    public func insert(_ json: JSONObject, for user: UserID, at age: ServerAge) throws -> Int64 {
        let last = try db.row("SELECT MAX(filter_id) AS last FROM filters WHERE user_id = ?", [user.rawValue])
        let id = (try last?["last"] as Int64? ?? 0) + 1
        try db.run(
            "INSERT INTO filters (user_id, filter_id, json, last_used_age) VALUES (?, ?, ?, ?)",
            [user.rawValue, id, try StoredJSON.data(json), age.milliseconds])
        return id
    }

    /// The id of a filter that is stored already. The lengths go first: a filter of another length is not read.
    public func id(of json: JSONObject, for user: UserID) throws -> Int64? {
        let bytes = try StoredJSON.data(json)
        return try db.row(
            "SELECT filter_id FROM filters WHERE user_id = ? AND LENGTH(json) = ? AND json = ?",
            [user.rawValue, bytes.count, bytes])?["filter_id"]
    }

    public func filter(_ id: Int64, of user: UserID) throws -> (json: JSONObject, lastUsed: ServerAge)? {
        try db.readableRow(
            "SELECT user_id, json, last_used_age FROM filters WHERE user_id = ? AND filter_id = ?", [user.rawValue, id]
        ) { row in
            try (
                json: try StoredJSON.object(row, "json", of: "filters"),
                lastUsed: row["last_used_age"]
            )
        }
    }

    /// How many filters a user has; looks at no more than `most`.
    public func count(of user: UserID, atMost most: Int) throws -> Int {
        try db.row(
            "SELECT COUNT(*) AS count FROM (SELECT 1 FROM filters WHERE user_id = ? LIMIT ?) AS found", [user.rawValue, most])?[
                "count"]
            ?? 0
    }

    /// The filter that was out of use for longest.
    public func leastRecentlyUsed(of user: UserID) throws -> (id: Int64, lastUsed: ServerAge)? {
        try db.firstReadableRow(
            "SELECT filter_id, last_used_age FROM filters WHERE user_id = ? ORDER BY last_used_age, filter_id",
            [user.rawValue]
        ) { try (id: $0["filter_id"], lastUsed: $0["last_used_age"]) }
    }

    public func delete(_ id: Int64, of user: UserID) throws {
        try db.run("DELETE FROM filters WHERE user_id = ? AND filter_id = ?", [user.rawValue, id])
    }

    /// Notes that a filter is in use, so that the purge leaves it.
    public func touch(_ id: Int64, of user: UserID, at age: ServerAge) throws {
        try db.run(
            "UPDATE filters SET last_used_age = ? WHERE user_id = ? AND filter_id = ?", [age.milliseconds, user.rawValue, id])
    }

    public func deleteAll(of user: UserID) throws { try db.run("DELETE FROM filters WHERE user_id = ?", [user.rawValue]) }

    /// Deletes those that were out of use for longest, since before an age.
    ///
    /// - Returns: whether there may be more of them.
    public func purge(unusedSince age: ServerAge, at now: ServerAge, limit: Int) throws -> Bool {
        let rows = AgingRows(db: db, table: "filters", key: "user_id, filter_id", age: "last_used_age")
        let broughtBack = try rows.bringBack(to: now, limit: limit)
        return try rows.delete(before: age, limit: limit).count == limit || broughtBack == limit
    }
}

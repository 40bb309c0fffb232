import MatrixModel

extension Schema {
    /// Lets the purge go by positions and by the server's own age instead of by what the wall clock showed when a row was written.
    ///
    /// No row is rewritten: the server's age begins at the newest time that rows bear, so that they are as old as they were.
    ///
    /// - Parameter now: what the wall clock shows. What lies ahead of it was dated by a clock that was wrong, and the age does not begin there
    ///   unless everything does: a clock that is wrong now makes no row older.
    static func keepOwnTime(_ db: Database, now: MatrixTimestamp) throws {
        for sql in [
            "CREATE TABLE clock_marks (age INTEGER PRIMARY KEY, position INTEGER NOT NULL, wall_ts INTEGER NOT NULL)",
            "ALTER TABLE filters RENAME COLUMN last_used_ts TO last_used_age",
            "CREATE INDEX filters_by_age ON filters (last_used_age)",
            "ALTER TABLE transactions RENAME COLUMN created_ts TO created_age",
            "ALTER TABLE to_device_transactions RENAME COLUMN created_ts TO created_age",
            "CREATE INDEX to_device_shares_by_sender ON to_device_shares (sender) WHERE sender <> ''",
            "CREATE INDEX peeks_by_end ON peeks (ended_position) WHERE ended_position IS NOT NULL",
            "DROP INDEX events_by_lane",
            "CREATE INDEX events_by_lane ON events (position) WHERE is_lane = 1",
        ] {
            try db.execute(sql: sql)
        }
        guard let age = try newestTime(db, upTo: now.milliseconds) ?? newestTime(db, upTo: .max) else { return }
        try db.execute(
            sql: """
                INSERT INTO clock_marks (age, position, wall_ts)
                SELECT ?1, COALESCE((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'position'), 0), ?1
                """, arguments: [age])
    }

    /// The newest time, but not after one, of the rows that are kept for a time. Each is found by its index.
    private static func newestTime(_ db: Database, upTo time: Int64) throws -> Int64? {
        let queries = [
            "SELECT MAX(last_used_age) FROM filters WHERE last_used_age <= ?",
            "SELECT MAX(created_age) FROM transactions WHERE created_age <= ?",
            "SELECT MAX(created_age) FROM to_device_transactions WHERE created_age <= ?",
        ]
        return try queries.compactMap { try db.readableRow($0, [time]) { row in try row[0] as Int64? } ?? nil }.max()
    }
}

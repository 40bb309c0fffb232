import GRDB

extension Schema {
    /// Lets the purge go by positions and by the server's own age instead of by what the wall clock showed when a row was written.
    ///
    /// Rows from before count as new.
    static func keepOwnTime(_ db: Database) throws {
        for sql in [
            "CREATE TABLE clock_marks (age INTEGER PRIMARY KEY, position INTEGER NOT NULL, wall_ts INTEGER NOT NULL)",
            "ALTER TABLE filters RENAME COLUMN last_used_ts TO last_used_age",
            "UPDATE filters SET last_used_age = 0",
            "ALTER TABLE transactions RENAME COLUMN created_ts TO created_age",
            "UPDATE transactions SET created_age = 0",
            "ALTER TABLE to_device_transactions RENAME COLUMN created_ts TO created_age",
            "UPDATE to_device_transactions SET created_age = 0",
            "DROP INDEX events_by_lane",
            "CREATE INDEX events_by_lane ON events (position) WHERE is_lane = 1",
        ] {
            try db.execute(sql: sql)
        }
    }
}

extension Schema {
    /// What push rules made of events, where that is not what the event's type has it, and the pushers.
    ///
    /// `kind`: 0 concerns nobody, 1 concerns somebody, 2 is addressed to somebody. `deviations` is a JSON object of levels by user.
    static func makePush(_ db: Database) throws {
        for sql in pushTables { try db.execute(sql: sql) }
    }

    private static let pushTables = [
        """
        CREATE TABLE push_notices (
            position INTEGER PRIMARY KEY, room_id TEXT NOT NULL, kind INTEGER NOT NULL, base INTEGER NOT NULL, deviations BLOB)
        """,
        "CREATE INDEX push_notices_by_room ON push_notices (room_id, kind, position)",
        """
        CREATE TABLE pushers (
            user_id TEXT NOT NULL, app_id TEXT NOT NULL, pushkey TEXT NOT NULL, device_id TEXT NOT NULL, json BLOB NOT NULL,
            set_ts INTEGER NOT NULL, position INTEGER NOT NULL, last_success_ts INTEGER, last_failure_ts INTEGER,
            PRIMARY KEY (user_id, app_id, pushkey)) WITHOUT ROWID
        """,
        "CREATE INDEX pushers_by_key ON pushers (app_id, pushkey)",
    ]
}

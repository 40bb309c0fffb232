extension Schema {
    /// How far each user has read in each room, by kind and thread; no thread is the empty text.
    static func makeReceipts(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE receipts (
                    room_id TEXT NOT NULL, user_id TEXT NOT NULL, kind TEXT NOT NULL, thread_id TEXT NOT NULL,
                    event_id TEXT NOT NULL, event_position INTEGER NOT NULL, ts INTEGER NOT NULL, position INTEGER NOT NULL,
                    PRIMARY KEY (room_id, user_id, kind, thread_id)) WITHOUT ROWID
                """)
        try db.execute(sql: "CREATE INDEX receipts_by_position ON receipts (room_id, position)")
        try db.execute(sql: "CREATE INDEX receipts_by_user ON receipts (user_id)")
    }
}

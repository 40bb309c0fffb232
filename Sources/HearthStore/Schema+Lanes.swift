extension Schema {
    /// Leaves less to change for each event of a lane: its id is in no index, and the lane's end is no longer in the row of its room.
    ///
    /// The newest lane event in the current state is the end, and what stands in a lane is found through the current state as well. Of what
    /// a lane has superseded nobody asks by id. SQLite cannot drop the index of a unique column: the table is made anew, which takes about
    /// as much disk again as the events, until the next checkpoint.
    static func leaveLanesToTheirEvents(_ db: Database) throws {
        for sql in [
            "ALTER TABLE rooms DROP COLUMN lane_event_id",
            "ALTER TABLE rooms DROP COLUMN lane_depth",
            """
            CREATE TABLE new_events (
                position INTEGER PRIMARY KEY, event_id TEXT NOT NULL, room_id TEXT NOT NULL, type TEXT NOT NULL,
                state_key TEXT, sender TEXT NOT NULL, origin_server_ts INTEGER NOT NULL, is_lane INTEGER NOT NULL,
                json BLOB NOT NULL, unsigned BLOB, device_id TEXT, transaction_id TEXT)
            """,
            "INSERT INTO new_events SELECT * FROM events",
            "DROP TABLE events",
            "ALTER TABLE new_events RENAME TO events",
            "CREATE UNIQUE INDEX events_by_id ON events (event_id) WHERE is_lane = 0",
            "CREATE INDEX events_by_lane ON events (origin_server_ts) WHERE is_lane = 1",
            // Finds all lanes at a start. A newer event of a lane changes nothing in it.
            """
            CREATE INDEX current_state_of_lanes ON current_state (room_id, type, state_key)
            WHERE type IN ('m.presence', 'm.status')
            """,
        ] {
            try db.execute(sql: sql)
        }
        try createMainChainIndexes(db)
    }
}

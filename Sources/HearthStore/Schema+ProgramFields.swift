extension Schema {
    /// Keeps the fields of profiles that programs write and only an audience sees (`m.call`, `m.rpc`) apart from `m.profile`, which everybody
    /// can read. What older versions have in `m.profile` under these names is not taken over: programs write it anew.
    static func makeProgramFields(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE program_fields (
                    user_id TEXT NOT NULL, field TEXT NOT NULL, content BLOB, position INTEGER NOT NULL,
                    shown_position INTEGER NOT NULL, is_withheld INTEGER NOT NULL, device_id TEXT, written_ts INTEGER NOT NULL,
                    PRIMARY KEY (user_id, field)) WITHOUT ROWID
                """)
    }
}

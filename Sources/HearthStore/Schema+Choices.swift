extension Schema {
    /// Keeps all of a user's choices, each with whose it is, in place of the one that a user had.
    ///
    /// What was there is taken over as what it was to others: a firm choice as the user's, with its expiry, and a soft `unavailable` as soft
    /// away of its device. So an upgrade shows nobody who hid.
    static func makeChoices(_ db: Database) throws {
        for sql in choicesSQL { try db.execute(sql: sql) }
    }

    private static let choicesSQL = [
        """
        CREATE TABLE presence_choices (
            user_id TEXT NOT NULL, kind TEXT NOT NULL, device_id TEXT NOT NULL, presence TEXT NOT NULL, expires_ts INTEGER,
            number INTEGER NOT NULL, is_in_background INTEGER NOT NULL, ends_with_sync INTEGER NOT NULL,
            PRIMARY KEY (user_id, kind, device_id)) WITHOUT ROWID
        """,
        """
        INSERT INTO presence_choices
        SELECT user_id, CASE WHEN manual_soft_device IS NULL THEN 'user' ELSE 'away' END, COALESCE(manual_soft_device, ''),
            manual_presence, manual_expires_ts, 1, 0, 0
        FROM presence WHERE manual_presence IS NOT NULL
        """,
        "ALTER TABLE presence DROP COLUMN manual_presence",
        "ALTER TABLE presence DROP COLUMN manual_expires_ts",
        "ALTER TABLE presence DROP COLUMN manual_soft_device",
    ]
}

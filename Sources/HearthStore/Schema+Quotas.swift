extension Schema {
    /// Counts what each user takes of what is bounded a user. From here on the tables keep the counters themselves, in the transaction of each
    /// change.
    static func makeQuotas(_ db: Database) throws {
        for sql in quotaTables + quotaCounts { try db.execute(sql: sql) }
    }

    private static let quotaTables = [
        """
        CREATE TABLE usage (
            user_id TEXT NOT NULL, kind TEXT NOT NULL, bytes INTEGER NOT NULL, items INTEGER NOT NULL, PRIMARY KEY (user_id, kind))
            WITHOUT ROWID
        """,
        // Of each sender what waits for a device; the empty sender stands for all.
        """
        CREATE TABLE to_device_shares (
            user_id TEXT NOT NULL, device_id TEXT NOT NULL, sender TEXT NOT NULL, bytes INTEGER NOT NULL,
            PRIMARY KEY (user_id, device_id, sender)) WITHOUT ROWID
        """,
        "CREATE INDEX to_device_messages_by_sender ON to_device_messages (sender, position)",
        "CREATE INDEX aliases_by_creator ON aliases (creator)",
    ]

    /// Counts the rows that there are.
    static let quotaCounts = [
        """
        INSERT INTO usage SELECT user_id, 'account_data', SUM(\(StoredSize.accountData)), COUNT(*) FROM account_data
        WHERE type NOT IN ('m.fully_read', 'm.push_rules') GROUP BY user_id
        """,
        """
        INSERT INTO usage SELECT user_id, 'key_backup', SUM(bytes), COUNT(*) FROM (
            SELECT user_id, \(StoredSize.backedUpSession) AS bytes FROM key_backup_sessions
            UNION ALL SELECT user_id, \(StoredSize.keyBackup) AS bytes FROM key_backups WHERE is_deleted = 0)
        GROUP BY user_id
        """,
        """
        INSERT INTO usage SELECT user_id, 'media', SUM(size), COUNT(*) FROM media WHERE sha256 IS NOT NULL GROUP BY user_id
        """,
        """
        INSERT INTO usage SELECT sender, 'to_device_sent', SUM(\(StoredSize.toDevice)), COUNT(*) FROM to_device_messages
        GROUP BY sender
        """,
        """
        INSERT INTO usage SELECT user_id, 'to_device_transactions', 0, COUNT(*) FROM to_device_transactions GROUP BY user_id
        """,
        """
        INSERT INTO to_device_shares SELECT user_id, device_id, sender, SUM(\(StoredSize.toDevice)) FROM to_device_messages
        GROUP BY user_id, device_id, sender
        """,
        """
        INSERT INTO to_device_shares SELECT user_id, device_id, '', SUM(\(StoredSize.toDevice)) FROM to_device_messages
        GROUP BY user_id, device_id
        """,
    ]
}

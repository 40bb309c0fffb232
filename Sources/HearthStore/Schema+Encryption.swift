extension Schema {
    static func makeEncryption(_ db: Database) throws {
        for sql in encryptionTables { try db.execute(sql: sql) }
    }

    /// Keys of devices and users, messages to devices, and key backups. The server reads none of what is encrypted in there.
    private static let encryptionTables = [
        """
        CREATE TABLE device_keys (
            user_id TEXT NOT NULL, device_id TEXT NOT NULL, keys BLOB NOT NULL, PRIMARY KEY (user_id, device_id))
        """,
        """
        CREATE TABLE one_time_keys (
            user_id TEXT NOT NULL, device_id TEXT NOT NULL, algorithm TEXT NOT NULL, key_id TEXT NOT NULL,
            upload INTEGER NOT NULL, key BLOB NOT NULL, PRIMARY KEY (user_id, device_id, algorithm, key_id)) WITHOUT ROWID
        """,
        "CREATE INDEX one_time_keys_by_upload ON one_time_keys (user_id, device_id, algorithm, upload, key_id)",
        """
        CREATE TABLE fallback_keys (
            user_id TEXT NOT NULL, device_id TEXT NOT NULL, algorithm TEXT NOT NULL, key_id TEXT NOT NULL, key BLOB NOT NULL,
            is_used INTEGER NOT NULL, PRIMARY KEY (user_id, device_id, algorithm)) WITHOUT ROWID
        """,
        """
        CREATE TABLE cross_signing_keys (
            user_id TEXT NOT NULL, usage TEXT NOT NULL, public_key TEXT NOT NULL, key BLOB NOT NULL,
            PRIMARY KEY (user_id, usage)) WITHOUT ROWID
        """,
        """
        CREATE TABLE key_signatures (
            target_user TEXT NOT NULL, target_key TEXT NOT NULL, signer TEXT NOT NULL, signing_key TEXT NOT NULL,
            signature TEXT NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (target_user, target_key, signer, signing_key)) WITHOUT ROWID
        """,
        "CREATE INDEX key_signatures_by_signer ON key_signatures (signer, signing_key)",
        "CREATE TABLE device_list_changes (user_id TEXT PRIMARY KEY, position INTEGER NOT NULL)",
        """
        CREATE TABLE to_device_messages (
            user_id TEXT NOT NULL, device_id TEXT NOT NULL, position INTEGER NOT NULL, sender TEXT NOT NULL, type TEXT NOT NULL,
            content BLOB NOT NULL, PRIMARY KEY (user_id, device_id, position))
        """,
        """
        CREATE TABLE to_device_transactions (
            user_id TEXT NOT NULL, device_id TEXT NOT NULL, type TEXT NOT NULL, transaction_id TEXT NOT NULL,
            created_ts INTEGER NOT NULL, PRIMARY KEY (user_id, device_id, type, transaction_id)) WITHOUT ROWID
        """,
        "CREATE INDEX to_device_transactions_by_age ON to_device_transactions (created_ts)",
        """
        CREATE TABLE key_backups (
            user_id TEXT NOT NULL, version INTEGER NOT NULL, algorithm TEXT NOT NULL, auth_data BLOB NOT NULL,
            etag INTEGER NOT NULL, session_count INTEGER NOT NULL, is_deleted INTEGER NOT NULL,
            PRIMARY KEY (user_id, version)) WITHOUT ROWID
        """,
        """
        CREATE TABLE key_backup_sessions (
            user_id TEXT NOT NULL, version INTEGER NOT NULL, room_id TEXT NOT NULL, session_id TEXT NOT NULL,
            first_message_index INTEGER NOT NULL, forwarded_count INTEGER NOT NULL, is_verified INTEGER NOT NULL,
            session_data BLOB NOT NULL, PRIMARY KEY (user_id, version, room_id, session_id))
        """,
    ]
}

/// How many bytes a row counts for its user, as SQL: what clients chose the length of, and something for the row itself.
///
/// The counters of ``UsageTable`` and ``ToDeviceTable`` add and subtract these, and the migration that made them began with their sums.
enum StoredSize {
    /// Of `account_data`, tags included. What the server writes itself counts for nobody: see ``AccountDataTable/managed``.
    static let accountData = "LENGTH(content) + LENGTH(CAST(type AS BLOB)) + LENGTH(CAST(room_id AS BLOB))"

    /// Of `to_device_messages`.
    static let toDevice = "LENGTH(content) + 1024"

    /// Of `key_backup_sessions`.
    static let backedUpSession =
        "LENGTH(session_data) + LENGTH(CAST(room_id AS BLOB)) + LENGTH(CAST(session_id AS BLOB)) + 64"

    /// Of `key_backups`, where a version is not deleted.
    static let keyBackup = "LENGTH(auth_data) + LENGTH(CAST(algorithm AS BLOB)) + 64"
}

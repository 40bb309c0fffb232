public import MatrixModel

/// One version of a user's key backup: [server-side key backups](https://spec.matrix.org/v1.16/client-server-api/#server-side-key-backups).
public struct KeyBackup: Sendable, Equatable {
    public let version: Int64
    public let algorithm: String
    public let authData: JSONObject
    /// Rises with every change of the sessions.
    public let etag: Int64
    public let sessionCount: Int64
}

/// The versions of users' key backups. A deleted version leaves its number behind, so that no number comes twice.
public struct KeyBackupsTable {
    let db: Database

    /// The version that is in use: the newest that is not deleted.
    public func current(of user: UserID) throws -> KeyBackup? {
        try db.firstReadableRow(
            "SELECT * FROM key_backups WHERE user_id = ? AND is_deleted = 0 ORDER BY version DESC", [user.rawValue],
            Self.backup)
    }

    public func backup(_ version: Int64, of user: UserID) throws -> KeyBackup? {
        try db.readableRow(
            "SELECT * FROM key_backups WHERE user_id = ? AND version = ? AND is_deleted = 0", [user.rawValue, version],
            Self.backup)
    }

    /// Makes the next version and returns its number. Of the deleted ones before it nothing is left: the new one keeps the numbers rising.
    public func insert(algorithm: String, authData: JSONObject, of user: UserID) throws -> Int64 {
        let last = try db.row("SELECT MAX(version) AS last FROM key_backups WHERE user_id = ?", [user.rawValue])
        let version = (try last?["last"] as Int64? ?? 0) + 1
        try db.run(
            """
            INSERT INTO key_backups (user_id, version, algorithm, auth_data, etag, session_count, is_deleted)
            VALUES (?, ?, ?, ?, 0, 0, 0)
            """, [user.rawValue, version, algorithm, try StoredJSON.data(authData)])
        try db.run("DELETE FROM key_backups WHERE user_id = ? AND is_deleted = 1 AND version < ?", [user.rawValue, version])
        try UsageTable(db: db).add(try counted(version, of: user), .keyBackup, of: user.rawValue)
        return version
    }

    public func setAuthData(_ authData: JSONObject, of version: Int64, user: UserID) throws {
        let usage = UsageTable(db: db)
        try usage.subtract(try counted(version, of: user), .keyBackup, of: user.rawValue)
        try db.run(
            "UPDATE key_backups SET auth_data = ? WHERE user_id = ? AND version = ?",
            [try StoredJSON.data(authData), user.rawValue, version])
        try usage.add(try counted(version, of: user), .keyBackup, of: user.rawValue)
    }

    /// What a version counts for its user, without its sessions.
    public func counted(_ version: Int64, of user: UserID) throws -> Usage {
        try db.readableRow(
            "SELECT \(StoredSize.keyBackup) AS bytes FROM key_backups WHERE user_id = ? AND version = ? AND is_deleted = 0",
            [user.rawValue, version]
        ) { try Usage(bytes: $0["bytes"], items: 1) } ?? Usage()
    }

    /// Notes that sessions were changed, and how many more there are.
    public func noteChange(of version: Int64, user: UserID, added: Int) throws {
        try db.run(
            "UPDATE key_backups SET etag = etag + 1, session_count = session_count + ? WHERE user_id = ? AND version = ?",
            [added, user.rawValue, version])
    }

    /// Deletes a version with its sessions.
    public func delete(_ version: Int64, of user: UserID) throws {
        _ = try KeyBackupSessionsTable(db: db).delete(of: version, user: user, room: nil, session: nil)
        try UsageTable(db: db).subtract(try counted(version, of: user), .keyBackup, of: user.rawValue)
        try db.run(
            "UPDATE key_backups SET is_deleted = 1, auth_data = ?, session_count = 0 WHERE user_id = ? AND version = ?",
            [try StoredJSON.data(JSONObject()), user.rawValue, version])
    }

    /// Deletes all versions of a user, but for their sessions.
    public func deleteVersions(of user: UserID) throws {
        let counted =
            try db.readableRow(
                "SELECT CAST(SUM(\(StoredSize.keyBackup)) AS BIGINT) AS bytes, COUNT(*) AS items FROM key_backups WHERE user_id = ? AND is_deleted = 0",
                [user.rawValue]
            ) { try Usage(bytes: $0["bytes"] ?? 0, items: $0["items"]) } ?? Usage()
        try db.run("DELETE FROM key_backups WHERE user_id = ?", [user.rawValue])
        try UsageTable(db: db).subtract(counted, .keyBackup, of: user.rawValue)
    }

    /// A version whose `auth_data` cannot be read has none: so it can still be deleted.
    private static func backup(_ row: Row) throws -> KeyBackup {
        let authData: JSONObject
        do throws(StoreError) {
            authData = try StoredJSON.object(row, "auth_data", of: "key_backups")
        } catch {
            UnreadableRows.passedOver("key_backups.auth_data", of: row.user)
            authData = [:]
        }
        return try KeyBackup(
            version: row["version"], algorithm: row["algorithm"], authData: authData, etag: row["etag"],
            sessionCount: row["session_count"])
    }
}

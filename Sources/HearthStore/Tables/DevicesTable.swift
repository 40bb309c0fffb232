public import MatrixModel

/// One device of a user.
public struct StoredDevice: Sendable {
    public let key: DeviceKey
    public let displayName: String?
    public let createdTS: MatrixTimestamp
    /// The last contact, to the minute.
    public let lastContact: MatrixTimestamp?
}

/// Devices and their access tokens; of a token only its SHA-256 is stored.
public struct DevicesTable {
    let db: Database

    /// Makes the device, or leaves an existing one as it is but for a new display name.
    public func upsert(_ key: DeviceKey, displayName: String?, at now: MatrixTimestamp) throws {
        try db.run(
            """
            INSERT INTO devices (user_id, device_id, display_name, created_ts) VALUES (?, ?, ?, ?)
            ON CONFLICT (user_id, device_id) DO UPDATE SET display_name = COALESCE(excluded.display_name, devices.display_name)
            """,
            [key.user.rawValue, key.device.rawValue, displayName, now.milliseconds])
    }

    public func setDisplayName(_ name: String?, of key: DeviceKey) throws {
        try db.run(
            "UPDATE devices SET display_name = ? WHERE user_id = ? AND device_id = ?",
            [name, key.user.rawValue, key.device.rawValue])
    }

    /// Stores a minute-exact last contact; a device that is gone by now stays gone.
    public func setLastContact(_ time: MatrixTimestamp, of key: DeviceKey) throws {
        try db.run(
            "UPDATE devices SET last_contact_ts = ? WHERE user_id = ? AND device_id = ?",
            [time.milliseconds, key.user.rawValue, key.device.rawValue])
    }

    public func device(_ key: DeviceKey) throws -> StoredDevice? {
        try db.readableRow(
            "SELECT * FROM devices WHERE user_id = ? AND device_id = ?", [key.user.rawValue, key.device.rawValue], Self.device)
    }

    /// Whether there is such a device.
    public func has(_ key: DeviceKey) throws -> Bool {
        try db.hasRow(
            "SELECT 1 FROM devices WHERE user_id = ? AND device_id = ?", [key.user.rawValue, key.device.rawValue])
    }

    /// The devices of a user, whatever else stands in their rows: for what ends them all, or asks for no more than who they are.
    public func keys(of user: UserID) throws -> [DeviceKey] {
        try db.rows("SELECT user_id, device_id FROM devices WHERE user_id = ? ORDER BY device_id", [user.rawValue], Self.key)
    }

    public func devices(of user: UserID) throws -> [StoredDevice] {
        try db.rows("SELECT * FROM devices WHERE user_id = ? ORDER BY device_id", [user.rawValue], Self.device)
    }

    /// How many devices a user has; looks at no more than `most`.
    public func count(of user: UserID, atMost most: Int) throws -> Int {
        try db.row(
            "SELECT COUNT(*) AS count FROM (SELECT 1 FROM devices WHERE user_id = ? LIMIT ?) AS found", [user.rawValue, most])?[
                "count"]
            ?? 0
    }

    /// The device that a user has used least lately, of those that have keys for encryption or of those that have none; with the last
    /// that was heard of it.
    public func leastRecentlyUsed(of user: UserID, withKeys: Bool) throws -> (key: DeviceKey, lastHeard: MatrixTimestamp)? {
        try db.firstReadableRow(
            """
            SELECT user_id, device_id, CASE WHEN last_contact_ts > created_ts THEN last_contact_ts ELSE created_ts END AS heard
            FROM devices WHERE user_id = ?
            AND ? = CASE WHEN EXISTS (
                SELECT 1 FROM device_keys k WHERE k.user_id = devices.user_id AND k.device_id = devices.device_id) THEN 1 ELSE 0 END
            ORDER BY heard, device_id
            """, [user.rawValue, withKeys]
        ) { try (key: try Self.key($0), lastHeard: $0["heard"]) }
    }

    /// Takes back last contacts that lie ahead of the clock: a clock that was wrong noted them.
    public func setContacts(notAfter now: MatrixTimestamp) throws {
        try db.run("UPDATE devices SET last_contact_ts = ? WHERE last_contact_ts > ?", [now.milliseconds, now.milliseconds])
    }

    /// Every device whose last contact is not older than the given time.
    public func devices(inContactSince time: MatrixTimestamp) throws -> [StoredDevice] {
        try db.rows("SELECT * FROM devices WHERE last_contact_ts >= ?", [time.milliseconds], Self.device)
    }

    /// Removes a device, its tokens, its transactions and its pushers.
    public func delete(_ key: DeviceKey) throws {
        let arguments: StatementArguments = [key.user.rawValue, key.device.rawValue]
        try db.run("DELETE FROM access_tokens WHERE user_id = ? AND device_id = ?", arguments)
        try db.run("DELETE FROM transactions WHERE user_id = ? AND device_id = ?", arguments)
        try db.run("DELETE FROM peeks WHERE user_id = ? AND device_id = ?", arguments)
        try db.run("DELETE FROM pushers WHERE user_id = ? AND device_id = ?", arguments)
        try db.run("DELETE FROM devices WHERE user_id = ? AND device_id = ?", arguments)
    }

    /// Gives the device this token and takes away every earlier one.
    public func replaceToken(of key: DeviceKey, hash: [UInt8], at now: MatrixTimestamp) throws {
        let (user, device) = (key.user.rawValue, key.device.rawValue)
        try db.run("DELETE FROM access_tokens WHERE user_id = ? AND device_id = ?", [user, device])
        try db.run(
            "INSERT INTO access_tokens (token_hash, user_id, device_id, created_ts) VALUES (?, ?, ?, ?)",
            [StoredBytes.data(hash), user, device, now.milliseconds])
    }

    /// All tokens, for the check that never reads the database.
    public func allTokens() throws -> [(hash: [UInt8], key: DeviceKey)] {
        try db.rows("SELECT token_hash, user_id, device_id FROM access_tokens") { row in
            try (hash: StoredBytes.bytes(row["token_hash"]), key: try Self.key(row))
        }
    }

    private static func key(_ row: Row) throws -> DeviceKey {
        let user: UserID = try row["user_id"]
        let device: DeviceID = try row["device_id"]
        return DeviceKey(user: user, device: device)
    }

    private static func device(_ row: Row) throws -> StoredDevice {
        try StoredDevice(
            key: try key(row), displayName: row["display_name"],
            createdTS: row["created_ts"],
            lastContact: row["last_contact_ts"])
    }
}

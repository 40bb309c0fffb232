import GRDB
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
            ON CONFLICT (user_id, device_id) DO UPDATE SET display_name = COALESCE(excluded.display_name, display_name)
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
        try db.row(
            "SELECT * FROM devices WHERE user_id = ? AND device_id = ?", [key.user.rawValue, key.device.rawValue]
        ).map(Self.device)
    }

    public func devices(of user: UserID) throws -> [StoredDevice] {
        try db.rows("SELECT * FROM devices WHERE user_id = ? ORDER BY device_id", [user.rawValue], Self.device)
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
            (hash: StoredBytes.bytes(row["token_hash"]), key: try Self.key(row))
        }
    }

    private static func key(_ row: Row) throws -> DeviceKey {
        guard let user = UserID(row["user_id"] as String), let device = DeviceID(row["device_id"] as String) else {
            throw StoreError.corrupt("a device's key")
        }
        return DeviceKey(user: user, device: device)
    }

    private static func device(_ row: Row) throws -> StoredDevice {
        StoredDevice(
            key: try key(row), displayName: row["display_name"],
            createdTS: MatrixTimestamp(milliseconds: row["created_ts"]),
            lastContact: (row["last_contact_ts"] as Int64?).map(MatrixTimestamp.init(milliseconds:)))
    }
}

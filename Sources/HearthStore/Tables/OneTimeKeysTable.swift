import GRDB
public import MatrixModel

/// A key with which somebody else can begin an encrypted session with a device.
public struct StoredOneTimeKey: Sendable, Equatable {
    /// Such as `signed_curve25519`.
    public let algorithm: String
    public let id: String
    /// The key as its client uploaded it: a string or an object.
    public let key: JSON

    public init(algorithm: String, id: String, key: JSON) {
        self.algorithm = algorithm
        self.id = id
        self.key = key
    }
}

/// The one-time keys of devices that nobody has claimed yet. They are handed out in the order in which they were uploaded.
public struct OneTimeKeysTable {
    let db: Database

    public func key(_ algorithm: String, _ id: String, of device: DeviceKey) throws -> JSON? {
        try db.row(
            "SELECT key FROM one_time_keys WHERE user_id = ? AND device_id = ? AND algorithm = ? AND key_id = ?",
            [device.user.rawValue, device.device.rawValue, algorithm, id]
        ).map { try StoredJSON.value($0["key"]) }
    }

    /// The number of the device's next upload: greater than those of all keys it has.
    public func nextUpload(of device: DeviceKey) throws -> Int64 {
        let last = try db.row(
            "SELECT MAX(upload) AS last FROM one_time_keys WHERE user_id = ? AND device_id = ?",
            [device.user.rawValue, device.device.rawValue])
        return ((last?["last"] as Int64?) ?? 0) + 1
    }

    public func insert(_ key: StoredOneTimeKey, of device: DeviceKey, upload: Int64) throws {
        try db.run(
            "INSERT INTO one_time_keys (user_id, device_id, algorithm, key_id, upload, key) VALUES (?, ?, ?, ?, ?, ?)",
            [
                device.user.rawValue, device.device.rawValue, key.algorithm, key.id, upload, StoredBytes.data(key.key.bytes),
            ])
    }

    /// Takes out the oldest key of an algorithm; nil when there is none.
    public func take(_ algorithm: String, of device: DeviceKey) throws -> StoredOneTimeKey? {
        let row = try db.row(
            """
            SELECT key_id, key FROM one_time_keys WHERE user_id = ? AND device_id = ? AND algorithm = ?
            ORDER BY upload, key_id LIMIT 1
            """, [device.user.rawValue, device.device.rawValue, algorithm])
        guard let row else { return nil }
        let key = StoredOneTimeKey(algorithm: algorithm, id: row["key_id"], key: try StoredJSON.value(row["key"]))
        try db.run(
            "DELETE FROM one_time_keys WHERE user_id = ? AND device_id = ? AND algorithm = ? AND key_id = ?",
            [device.user.rawValue, device.device.rawValue, algorithm, key.id])
        return key
    }

    /// How many keys a device has, by algorithm.
    public func counts(of device: DeviceKey) throws -> [String: Int] {
        let counts = try db.rows(
            "SELECT algorithm, COUNT(*) AS count FROM one_time_keys WHERE user_id = ? AND device_id = ? GROUP BY algorithm",
            [device.user.rawValue, device.device.rawValue]
        ) { row in (row["algorithm"] as String, row["count"] as Int) }
        return Dictionary(counts) { first, _ in first }
    }

    /// Every device that has keys.
    public func devices() throws -> [DeviceKey] {
        try db.rows("SELECT DISTINCT user_id, device_id FROM one_time_keys", StatementArguments(), DeviceKey.init(storedIn:))
    }

    public func deleteAll(of device: DeviceKey) throws {
        try db.run(
            "DELETE FROM one_time_keys WHERE user_id = ? AND device_id = ?", [device.user.rawValue, device.device.rawValue])
    }
}

extension DeviceKey {
    /// The device that a row names.
    init(storedIn row: Row) throws {
        guard let user = UserID(row["user_id"] as String), let device = DeviceID(row["device_id"] as String) else {
            throw StoreError.corrupt("a device's key")
        }
        self.init(user: user, device: device)
    }
}

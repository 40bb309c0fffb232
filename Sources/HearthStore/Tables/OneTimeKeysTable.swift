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
        try db.readableRow(
            "SELECT user_id, key FROM one_time_keys WHERE user_id = ? AND device_id = ? AND algorithm = ? AND key_id = ?",
            [device.user.rawValue, device.device.rawValue, algorithm, id]
        ) { try StoredJSON.key($0, "key", of: "one_time_keys") }
    }

    /// The number of the device's next upload: greater than those of all keys it has.
    public func nextUpload(of device: DeviceKey) throws -> Int64 {
        let last = try db.row(
            "SELECT MAX(upload) AS last FROM one_time_keys WHERE user_id = ? AND device_id = ?",
            [device.user.rawValue, device.device.rawValue])
        return (try last?["last"] as Int64? ?? 0) + 1
    }

    /// Stores a key; one that stands under its name takes its place, which only an unreadable one does.
    public func insert(_ key: StoredOneTimeKey, of device: DeviceKey, upload: Int64) throws {
        try db.checkKey(device.user.rawValue, device.device.rawValue, key.algorithm, key.id)
        try db.run(
            """
            INSERT INTO one_time_keys (user_id, device_id, algorithm, key_id, upload, key) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, device_id, algorithm, key_id) DO UPDATE SET upload = excluded.upload, key = excluded.key
            """,
            [
                device.user.rawValue, device.device.rawValue, key.algorithm, key.id, upload, try StoredJSON.data(key.key),
            ])
    }

    /// Whether there is a key of an algorithm.
    public func hasKey(_ algorithm: String, of device: DeviceKey) throws -> Bool {
        try db.row(
            "SELECT 1 FROM one_time_keys WHERE user_id = ? AND device_id = ? AND algorithm = ? LIMIT 1",
            [device.user.rawValue, device.device.rawValue, algorithm]) != nil
    }

    /// Takes out the oldest key of an algorithm; nil when there is none. Keys that cannot be read are of no use, and go on the way.
    public func take(_ algorithm: String, of device: DeviceKey) throws -> StoredOneTimeKey? {
        while true {
            let row = try db.row(
                """
                SELECT user_id, key_id, key FROM one_time_keys WHERE user_id = ? AND device_id = ? AND algorithm = ?
                ORDER BY upload, key_id LIMIT 1
                """, [device.user.rawValue, device.device.rawValue, algorithm])
            guard let row else { return nil }
            let stored = row.databaseValue("key_id")
            try db.run(
                "DELETE FROM one_time_keys WHERE user_id = ? AND device_id = ? AND algorithm = ? AND key_id = ?",
                [device.user.rawValue, device.device.rawValue, algorithm, stored])
            let key = try db.readable(row) { row in
                StoredOneTimeKey(
                    algorithm: algorithm, id: try row["key_id"], key: try StoredJSON.key(row, "key", of: "one_time_keys"))
            }
            if let key { return key }
        }
    }

    /// How many keys a device has, by algorithm.
    public func counts(of device: DeviceKey) throws -> [String: Int] {
        let counts = try db.rows(
            "SELECT algorithm, COUNT(*) AS count FROM one_time_keys WHERE user_id = ? AND device_id = ? GROUP BY algorithm",
            [device.user.rawValue, device.device.rawValue]
        ) { row in (try row["algorithm"] as String, try row["count"] as Int) }
        return Dictionary(counts) { first, _ in first }
    }

    /// How many bytes the keys of a device have together.
    public func bytes(of device: DeviceKey) throws -> Int {
        try db.row(
            "SELECT CAST(COALESCE(SUM(LENGTH(key)), 0) AS BIGINT) AS bytes FROM one_time_keys WHERE user_id = ? AND device_id = ?",
            [device.user.rawValue, device.device.rawValue])?["bytes"] ?? 0
    }

    public func deleteAll(of device: DeviceKey) throws {
        try db.run(
            "DELETE FROM one_time_keys WHERE user_id = ? AND device_id = ?", [device.user.rawValue, device.device.rawValue])
    }
}

extension DeviceKey {
    /// The device that a row names.
    init(storedIn row: Row) throws {
        let user: UserID = try row["user_id"]
        let device: DeviceID = try row["device_id"]
        self.init(user: user, device: device)
    }
}

public import MatrixModel

/// The keys that stand in when a device has no one-time key left: one for each algorithm, handed out again and again.
public struct FallbackKeysTable {
    let db: Database

    /// Puts a key in the place of the one before. The same key again stays as used as it was.
    public func set(_ key: StoredOneTimeKey, of device: DeviceKey) throws {
        try db.checkKey(device.user.rawValue, device.device.rawValue, key.algorithm)
        try db.run(
            """
            INSERT INTO fallback_keys (user_id, device_id, algorithm, key_id, key, is_used) VALUES (?, ?, ?, ?, ?, 0)
            ON CONFLICT (user_id, device_id, algorithm) DO UPDATE SET
                is_used = CASE WHEN fallback_keys.key_id = excluded.key_id AND fallback_keys.key = excluded.key
                    THEN fallback_keys.is_used ELSE 0 END,
                key_id = excluded.key_id, key = excluded.key
            """,
            [device.user.rawValue, device.device.rawValue, key.algorithm, key.id, try StoredJSON.data(key.key)])
    }

    /// Hands the key out and marks it as used.
    ///
    /// - Returns: the key, and whether it was unused before.
    public func use(_ algorithm: String, of device: DeviceKey) throws -> (key: StoredOneTimeKey, wasUnused: Bool)? {
        let arguments: StatementArguments = [device.user.rawValue, device.device.rawValue, algorithm]
        let found = try db.readableRow(
            "SELECT user_id, key_id, key, is_used FROM fallback_keys WHERE user_id = ? AND device_id = ? AND algorithm = ?",
            arguments
        ) { row in
            let key = try StoredJSON.key(row, "key", of: "fallback_keys")
            return try (key: StoredOneTimeKey(algorithm: algorithm, id: row["key_id"], key: key), isUsed: row["is_used"] as Bool)
        }
        guard let (key, isUsed) = found else { return nil }
        if !isUsed {
            try db.run(
                "UPDATE fallback_keys SET is_used = 1 WHERE user_id = ? AND device_id = ? AND algorithm = ?", arguments)
        }
        return (key: key, wasUnused: !isUsed)
    }

    /// The algorithms of the keys that nobody got yet, sorted.
    public func unusedAlgorithms(of device: DeviceKey) throws -> [String] {
        try db.rows(
            "SELECT algorithm FROM fallback_keys WHERE user_id = ? AND device_id = ? AND is_used = 0 ORDER BY algorithm",
            [device.user.rawValue, device.device.rawValue]
        ) { try $0["algorithm"] as String }
    }

    /// How many keys a device has: one for each algorithm.
    public func count(of device: DeviceKey) throws -> Int {
        try db.row(
            "SELECT COUNT(*) AS count FROM fallback_keys WHERE user_id = ? AND device_id = ?",
            [device.user.rawValue, device.device.rawValue])?["count"] ?? 0
    }

    public func deleteAll(of device: DeviceKey) throws {
        try db.run(
            "DELETE FROM fallback_keys WHERE user_id = ? AND device_id = ?", [device.user.rawValue, device.device.rawValue])
    }
}

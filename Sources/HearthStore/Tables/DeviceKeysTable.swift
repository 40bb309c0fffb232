public import MatrixModel

/// One device's identity keys, as its client uploaded them.
public struct StoredDeviceKeys: Sendable {
    public let device: DeviceID
    public let keys: JSONObject
    /// The device's display name, from the table of devices.
    public let displayName: String?
}

/// The identity keys of devices.
public struct DeviceKeysTable {
    let db: Database

    public func keys(of device: DeviceKey) throws -> JSONObject? {
        try db.readableRow(
            "SELECT user_id, keys FROM device_keys WHERE user_id = ? AND device_id = ?",
            [device.user.rawValue, device.device.rawValue]
        ) { try StoredJSON.object($0, "keys", of: "device_keys") }
    }

    /// The keys of all devices of a user that have any, in the order of their ids.
    public func all(of user: UserID) throws -> [StoredDeviceKeys] {
        try db.rows(
            """
            SELECT user_id, device_keys.device_id, keys, display_name FROM device_keys JOIN devices USING (user_id, device_id)
            WHERE user_id = ? ORDER BY device_keys.device_id
            """, [user.rawValue]
        ) { row in
            let device: DeviceID = try row["device_id"]
            return try StoredDeviceKeys(
                device: device, keys: try StoredJSON.object(row, "keys", of: "device_keys"),
                displayName: row["display_name"])
        }
    }

    public func set(_ keys: JSONObject, of device: DeviceKey) throws {
        try db.run(
            """
            INSERT INTO device_keys (user_id, device_id, keys) VALUES (?, ?, ?)
            ON CONFLICT (user_id, device_id) DO UPDATE SET keys = excluded.keys
            """, [device.user.rawValue, device.device.rawValue, try StoredJSON.data(keys)])
    }

    /// Returns whether there were any.
    public func delete(of device: DeviceKey) throws -> Bool {
        try db.run(
            "DELETE FROM device_keys WHERE user_id = ? AND device_id = ?", [device.user.rawValue, device.device.rawValue])
        return db.changesCount > 0
    }
}

public import MatrixModel

/// Where the keys of a user, or of one of the user's devices, changed last.
public struct DeviceListChangesTable {
    let db: Database

    public func note(_ user: UserID, at position: StreamPosition) throws {
        try db.run(
            """
            INSERT INTO device_list_changes (user_id, position) VALUES (?, ?)
            ON CONFLICT (user_id) DO UPDATE SET position = excluded.position
            """, [user.rawValue, position.rawValue])
    }

    /// All users whose keys ever changed, in the order of their last change.
    public func all() throws -> [(user: UserID, position: StreamPosition)] {
        try db.rows("SELECT user_id, position FROM device_list_changes ORDER BY position") { row in
            let user: UserID = try row["user_id"]
            return try (user: user, position: row["position"])
        }
    }
}

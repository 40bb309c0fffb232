import GRDB
public import MatrixModel

/// Messages to devices that wait to be fetched. A device has at most one of each position.
public struct ToDeviceTable {
    let db: Database

    public func insert(_ message: ToDeviceMessage, to device: DeviceKey, at position: StreamPosition) throws {
        try db.run(
            "INSERT INTO to_device_messages (user_id, device_id, position, sender, type, content) VALUES (?, ?, ?, ?, ?, ?)",
            [
                device.user.rawValue, device.device.rawValue, position.rawValue, message.sender.rawValue, message.type.rawValue,
                try StoredJSON.data(message.content),
            ])
    }

    /// The oldest messages after one position and not after another, in the order in which they were sent.
    public func messages(
        to device: DeviceKey, after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> [(message: ToDeviceMessage, position: StreamPosition)] {
        try db.rows(
            """
            SELECT user_id, position, sender, type, content FROM to_device_messages
            WHERE user_id = ? AND device_id = ? AND position > ? AND position <= ? ORDER BY position LIMIT ?
            """, [device.user.rawValue, device.device.rawValue, after.rawValue, upTo.rawValue, limit]
        ) { row in
            guard let sender = UserID(row["sender"] as String) else { throw StoreError.corrupt("to_device_messages") }
            let message = ToDeviceMessage(
                sender: sender, type: EventType(row["type"]),
                content: try StoredJSON.object(row, "content", of: "to_device_messages"))
            return (message: message, position: StreamPosition(row["position"]))
        }
    }

    /// Every device for which messages wait, with the first and the last one's position.
    public func mailboxes() throws -> [(device: DeviceKey, first: StreamPosition, last: StreamPosition)] {
        try db.rows(
            """
            SELECT user_id, device_id, MIN(position) AS first, MAX(position) AS last FROM to_device_messages
            GROUP BY user_id, device_id
            """
        ) { row in
            (
                device: try DeviceKey(storedIn: row), first: StreamPosition(row["first"]), last: StreamPosition(row["last"])
            )
        }
    }

    /// Deletes what the device has got.
    public func delete(to device: DeviceKey, upTo position: StreamPosition) throws {
        try db.run(
            "DELETE FROM to_device_messages WHERE user_id = ? AND device_id = ? AND position <= ?",
            [device.user.rawValue, device.device.rawValue, position.rawValue])
    }

    /// The devices for which more than so many messages wait, each with the position up to which they are too many.
    public func overfull(beyond most: Int) throws -> [(device: DeviceKey, position: StreamPosition)] {
        let devices = try db.rows(
            "SELECT user_id, device_id FROM to_device_messages GROUP BY user_id, device_id HAVING COUNT(*) > ?", [most],
            DeviceKey.init(storedIn:))
        return try devices.compactMap { device in
            try db.row(
                """
                SELECT position FROM to_device_messages WHERE user_id = ? AND device_id = ?
                ORDER BY position DESC LIMIT 1 OFFSET ?
                """, [device.user.rawValue, device.device.rawValue, most]
            ).map { (device: device, position: StreamPosition($0["position"])) }
        }
    }

    public func deleteAll(of device: DeviceKey) throws {
        let arguments: StatementArguments = [device.user.rawValue, device.device.rawValue]
        try db.run("DELETE FROM to_device_messages WHERE user_id = ? AND device_id = ?", arguments)
        try db.run("DELETE FROM to_device_transactions WHERE user_id = ? AND device_id = ?", arguments)
    }

    // MARK: Transactions

    /// Notes that a device sent a message under a transaction id; returns whether it is the first time.
    public func begin(_ transaction: EventTransaction, type: EventType, at now: MatrixTimestamp) throws -> Bool {
        try db.run(
            """
            INSERT INTO to_device_transactions (user_id, device_id, type, transaction_id, created_ts) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (user_id, device_id, type, transaction_id) DO NOTHING
            """,
            [
                transaction.device.user.rawValue, transaction.device.device.rawValue, type.rawValue, transaction.id,
                now.milliseconds,
            ])
        return db.changesCount > 0
    }

    public func purgeTransactions(before time: MatrixTimestamp) throws {
        try db.run("DELETE FROM to_device_transactions WHERE created_ts < ?", [time.milliseconds])
    }
}

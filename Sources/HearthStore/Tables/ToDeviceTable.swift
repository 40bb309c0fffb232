import GRDB
public import MatrixModel

/// Messages to devices that wait to be fetched. A device has at most one of each position.
///
/// Of each device it is counted how much waits for it by whom, and of each sender how much waits anywhere.
public struct ToDeviceTable {
    let db: Database

    public func insert(_ message: ToDeviceMessage, to device: DeviceKey, at position: StreamPosition) throws {
        try db.run(
            "INSERT INTO to_device_messages (user_id, device_id, position, sender, type, content) VALUES (?, ?, ?, ?, ?, ?)",
            [
                device.user.rawValue, device.device.rawValue, position.rawValue, message.sender.rawValue, message.type.rawValue,
                try StoredJSON.data(message.content),
            ])
        try count(
            Usage(bytes: Self.countedSize(of: message.content), items: 1), from: message.sender.rawValue,
            to: device.user.rawValue, device.device.rawValue)
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

    /// The position of the first message that waits for a device.
    public func first(to device: DeviceKey) throws -> StreamPosition? {
        let row = try db.row(
            "SELECT MIN(position) AS first FROM to_device_messages WHERE user_id = ? AND device_id = ?",
            [device.user.rawValue, device.device.rawValue])
        return (row?["first"] as Int64?).map { StreamPosition($0) }
    }

    /// Deletes what the device has got.
    public func delete(to device: DeviceKey, upTo position: StreamPosition) throws {
        let (user, id) = (device.user.rawValue, device.device.rawValue)
        let shares = try db.rows(
            """
            SELECT sender, SUM(\(StoredSize.toDevice)) AS bytes, COUNT(*) AS items FROM to_device_messages
            WHERE user_id = ? AND device_id = ? AND position <= ? GROUP BY sender
            """, [user, id, position.rawValue]
        ) { (sender: $0["sender"] as String, usage: Usage(bytes: $0["bytes"], items: $0["items"])) }
        if shares.isEmpty { return }
        try db.run(
            "DELETE FROM to_device_messages WHERE user_id = ? AND device_id = ? AND position <= ?", [user, id, position.rawValue])
        for share in shares {
            try count(Usage(bytes: -share.usage.bytes, items: -share.usage.items), from: share.sender, to: user, id)
        }
        try forgetEmptyShares(of: user, id)
    }

    public func deleteAll(of device: DeviceKey) throws {
        try delete(to: device, upTo: StreamPosition(.max))
        try db.run(
            "DELETE FROM to_device_transactions WHERE user_id = ? AND device_id = ?",
            [device.user.rawValue, device.device.rawValue])
        let count = Int64(db.changesCount)
        try UsageTable(db: db).subtract(Usage(items: count), .toDeviceTransactions, of: device.user.rawValue)
    }

    // MARK: Counting

    /// What a message of this content counts for its sender and for the device: as ``StoredSize/toDevice`` has it of the row.
    public static func countedSize(of content: JSONObject) -> Int64 { Int64(content.bytes.count + 1024) }

    /// How many bytes wait for a device, of one sender or of all.
    public func bytesWaiting(for device: DeviceKey, from sender: UserID? = nil) throws -> Int64 {
        try db.row(
            "SELECT bytes FROM to_device_shares WHERE user_id = ? AND device_id = ? AND sender = ?",
            [device.user.rawValue, device.device.rawValue, sender?.rawValue ?? ""])?["bytes"] ?? 0
    }

    func count(_ change: Usage, from sender: String, to user: String, _ device: String) throws {
        for share in [sender, ""] {
            try db.run(
                """
                INSERT INTO to_device_shares (user_id, device_id, sender, bytes) VALUES (?, ?, ?, ?)
                ON CONFLICT (user_id, device_id, sender) DO UPDATE SET bytes = bytes + excluded.bytes
                """, [user, device, share, change.bytes])
        }
        try UsageTable(db: db).add(change, .toDeviceSent, of: sender)
    }

    func forgetEmptyShares(of user: String, _ device: String) throws {
        try db.run("DELETE FROM to_device_shares WHERE user_id = ? AND device_id = ? AND bytes <= 0", [user, device])
    }

    // MARK: Transactions

    /// Notes that a device sent a message under a transaction id; returns whether it is the first time.
    public func begin(_ transaction: EventTransaction, type: EventType, at age: ServerAge) throws -> Bool {
        try db.run(
            """
            INSERT INTO to_device_transactions (user_id, device_id, type, transaction_id, created_age) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (user_id, device_id, type, transaction_id) DO NOTHING
            """,
            [
                transaction.device.user.rawValue, transaction.device.device.rawValue, type.rawValue, transaction.id,
                age.milliseconds,
            ])
        guard db.changesCount > 0 else { return false }
        try UsageTable(db: db).add(Usage(items: 1), .toDeviceTransactions, of: transaction.device.user.rawValue)
        return true
    }

    /// Forgets the older half of a user's transaction ids once there are more than `most`: so each costs little.
    public func trimTransactions(of user: UserID, to most: Int) throws {
        let usage = UsageTable(db: db)
        let items = try usage.usage(of: user, .toDeviceTransactions).items
        guard items > most else { return }
        try db.run(
            """
            DELETE FROM to_device_transactions WHERE user_id = ?1 AND created_age <= (
                SELECT created_age FROM to_device_transactions WHERE user_id = ?1 ORDER BY created_age LIMIT 1 OFFSET ?2)
            """, [user.rawValue, max(items - Int64(most / 2) - 1, 0)])
        let count = Int64(db.changesCount)
        try usage.subtract(Usage(items: count), .toDeviceTransactions, of: user.rawValue)
    }

    public func purgeTransactions(before age: ServerAge) throws {
        let counts = try db.rows(
            "SELECT user_id, COUNT(*) AS items FROM to_device_transactions WHERE created_age < ? GROUP BY user_id",
            [age.milliseconds]
        ) { (user: $0["user_id"] as String, items: $0["items"] as Int64) }
        if counts.isEmpty { return }
        try db.run("DELETE FROM to_device_transactions WHERE created_age < ?", [age.milliseconds])
        for (user, items) in counts { try UsageTable(db: db).subtract(Usage(items: items), .toDeviceTransactions, of: user) }
    }
}

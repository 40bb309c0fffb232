public import MatrixModel

/// Messages to devices that wait to be fetched. A device has at most one of each position.
///
/// Of each device it is counted how much waits for it by whom, and of each sender how much waits anywhere.
public struct ToDeviceTable {
    let db: Database

    public func insert(_ message: ToDeviceMessage, to device: DeviceKey, at position: StreamPosition) throws {
        _ = try insert([device: EncodedContent(message.content)], of: message.type, from: message.sender, at: position)
    }

    /// Stores what one sender has for devices, each its own.
    ///
    /// - Returns: how many bytes wait for each of the devices now.
    public func insert(
        _ messages: [DeviceKey: EncodedContent], of type: EventType, from sender: UserID, at position: StreamPosition
    ) throws -> [DeviceKey: Int64] {
        var (sent, waiting) = (Usage(), [DeviceKey: Int64](minimumCapacity: messages.count))
        for (device, content) in messages {
            try db.run(
                "INSERT INTO to_device_messages (user_id, device_id, position, sender, type, content) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    device.user.rawValue, device.device.rawValue, position.rawValue, sender.rawValue, type.rawValue,
                    content.blob,
                ])
            let bytes = Self.countedSize(of: content)
            waiting[device] = try addToShares(
                bytes, from: sender.rawValue, to: device.user.rawValue, device.device.rawValue)
            sent.bytes += bytes
            sent.items += 1
        }
        try UsageTable(db: db).add(sent, .toDeviceSent, of: sender.rawValue)
        return waiting
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
            let sender: UserID = try row["sender"]
            let message = try ToDeviceMessage(
                sender: sender, type: row["type"],
                content: try StoredJSON.object(row, "content", of: "to_device_messages"))
            return try (message: message, position: row["position"])
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
            try (
                device: try DeviceKey(storedIn: row), first: row["first"], last: row["last"]
            )
        }
    }

    /// The position of the first message that waits for a device.
    public func first(to device: DeviceKey) throws -> StreamPosition? {
        let row = try db.row(
            "SELECT MIN(position) AS first FROM to_device_messages WHERE user_id = ? AND device_id = ?",
            [device.user.rawValue, device.device.rawValue])
        return try row?["first"] as StreamPosition? ?? nil
    }

    /// Deletes what the device has got.
    public func delete(to device: DeviceKey, upTo position: StreamPosition) throws {
        let (user, id) = (device.user.rawValue, device.device.rawValue)
        let shares = try db.rows(
            """
            SELECT sender, CAST(SUM(\(StoredSize.toDevice)) AS BIGINT) AS bytes, COUNT(*) AS items FROM to_device_messages
            WHERE user_id = ? AND device_id = ? AND position <= ? GROUP BY sender
            """, [user, id, position.rawValue]
        ) { try (sender: $0["sender"] as String, usage: Usage(bytes: $0["bytes"], items: $0["items"])) }
        if shares.isEmpty { return }
        try db.run(
            "DELETE FROM to_device_messages WHERE user_id = ? AND device_id = ? AND position <= ?", [user, id, position.rawValue])
        for share in shares {
            _ = try addToShares(-share.usage.bytes, from: share.sender, to: user, id)
            try UsageTable(db: db).subtract(share.usage, .toDeviceSent, of: share.sender)
            try forgetEmptyShares(of: user, id, from: share.sender)
        }
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
    public static func countedSize(of content: EncodedContent) -> Int64 { Int64(content.count + 1024) }

    /// How many bytes wait for a device, of one sender or of all.
    public func bytesWaiting(for device: DeviceKey, from sender: UserID? = nil) throws -> Int64 {
        try db.row(
            "SELECT bytes FROM to_device_shares WHERE user_id = ? AND device_id = ? AND sender = ?",
            [device.user.rawValue, device.device.rawValue, sender?.rawValue ?? ""])?["bytes"] ?? 0
    }

    /// Adds to a sender's share of what waits for a device, and to that of all.
    ///
    /// - Returns: how many bytes wait for the device now.
    func addToShares(_ bytes: Int64, from sender: String, to user: String, _ device: String) throws -> Int64 {
        let shares = try db.rows(
            """
            INSERT INTO to_device_shares (user_id, device_id, sender, bytes) VALUES (?1, ?2, ?3, ?4), (?1, ?2, '', ?4)
            ON CONFLICT (user_id, device_id, sender) DO UPDATE SET bytes = to_device_shares.bytes + excluded.bytes
            RETURNING bytes
            """, [user, device, sender, bytes]
        ) { try $0["bytes"] as Int64 }
        // The share of all is at least that of one.
        return shares.max() ?? 0
    }

    /// Forgets a sender's share, and that of all, where nothing is left of it.
    func forgetEmptyShares(of user: String, _ device: String, from sender: String) throws {
        try db.run(
            "DELETE FROM to_device_shares WHERE user_id = ? AND device_id = ? AND sender IN (?, '') AND bytes <= 0",
            [user, device, sender])
    }

    // MARK: Transactions

    /// Notes that a device sent a message under a transaction id; returns whether it is the first time.
    public func begin(_ transaction: EventTransaction, type: EventType, at age: ServerAge) throws -> Bool {
        try db.checkKey(
            transaction.device.user.rawValue, transaction.device.device.rawValue, type.rawValue, transaction.id)
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

    /// Forgets the oldest transaction ids that are of before an age.
    ///
    /// - Returns: whether there may be more of them.
    public func purgeTransactions(before age: ServerAge, at now: ServerAge, limit: Int) throws -> Bool {
        let rows = AgingRows(
            db: db, table: "to_device_transactions", key: "user_id, device_id, type, transaction_id", age: "created_age")
        let broughtBack = try rows.bringBack(to: now, limit: limit)
        let users = try rows.delete(before: age, limit: limit)
        for (user, items) in Dictionary(grouping: users, by: { $0 }) {
            try UsageTable(db: db).subtract(Usage(items: Int64(items.count)), .toDeviceTransactions, of: user)
        }
        return users.count == limit || broughtBack == limit
    }
}

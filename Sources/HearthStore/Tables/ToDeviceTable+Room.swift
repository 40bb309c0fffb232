public import MatrixModel

/// Makes room for what was just sent. Nobody is kept from being written to: what goes is the oldest of whoever has most.
///
/// Each call decides at once how much everybody gives up, and goes once through what waits, the oldest first: so it takes no longer with a
/// thousand senders than with one.
extension ToDeviceTable {
    /// How many messages one call deletes at most, for a database from before there were bounds.
    static let mostRemoved = 20_000

    private struct Waiting {
        let device: DeviceKey
        let position: Int64
        let sender: String
        let bytes: Int64
    }

    /// Makes what waits for a device fit into `most` bytes: deletes the oldest messages of those who have most in there, down to where they have
    /// as much as others, and nothing from a position on. A full mailbox gives a little more, so that not every message has to look for another.
    public func makeRoom(for device: DeviceKey, most: Int64, before position: StreamPosition) throws {
        let waiting = try bytesWaiting(for: device)
        guard waiting > most else { return }
        let shares = try db.rows(
            "SELECT sender, bytes FROM to_device_shares WHERE user_id = ? AND device_id = ? AND sender <> '' ORDER BY bytes DESC",
            [device.user.rawValue, device.device.rawValue]
        ) { try (owner: $0["sender"] as String, bytes: $0["bytes"] as Int64) }
        let messages = try oldest(
            "user_id = ? AND device_id = ? AND position < ?",
            [device.user.rawValue, device.device.rawValue, position.rawValue],
            toTake: waiting - (most - most / 32), from: shares, ownedBy: \.sender)
        try remove(messages)
    }

    /// Makes what waits anywhere by a sender fit into `most` bytes: deletes the oldest messages of the mailboxes in which the sender has most,
    /// down to where they have as much as others, and nothing from a position on. So devices that fetch lose nothing to those that never do.
    /// A little more goes than must, so that not every message has to look for another.
    ///
    /// - Returns: the devices that lost something.
    public func makeRoom(ofSender sender: UserID, most: Int64, before position: StreamPosition) throws -> Set<DeviceKey> {
        let sent = try UsageTable(db: db).usage(of: sender, .toDeviceSent).bytes
        guard sent > most else { return [] }
        let shares = try db.rows(
            "SELECT user_id, device_id, bytes FROM to_device_shares WHERE sender = ? AND sender <> '' ORDER BY bytes DESC",
            [sender.rawValue]
        ) { try (owner: try DeviceKey(storedIn: $0), bytes: $0["bytes"] as Int64) }
        let messages = try oldest(
            "sender = ? AND position < ?", [sender.rawValue, position.rawValue], toTake: sent - (most - most / 256), from: shares,
            ownedBy: \.device)
        try remove(messages)
        return Set(messages.map(\.device))
    }

    /// The size to which the largest of some shares have to be cut so that together they give up `bytes`.
    ///
    /// - Parameter shares: the largest first.
    static func level(of shares: [Int64], toTake bytes: Int64) -> Int64 {
        var total: Int64 = 0
        for (number, share) in shares.enumerated() {
            total += share
            let next = number + 1 < shares.count ? shares[number + 1] : 0
            let level = (total - bytes) / Int64(number + 1)
            if level >= next { return max(level, 0) }
        }
        return 0
    }

    /// The oldest messages of which a condition holds, as many as it takes to cut the largest shares so that they give up `bytes` together.
    ///
    /// - Parameters:
    ///   - shares: the largest first.
    ///   - owner: in whose share a message is.
    private func oldest<Owner: Hashable>(
        _ condition: String, _ arguments: StatementArguments, toTake bytes: Int64, from shares: [(owner: Owner, bytes: Int64)],
        ownedBy owner: KeyPath<Waiting, Owner>
    ) throws -> [Waiting] {
        let level = Self.level(of: shares.map(\.bytes), toTake: bytes)
        var owed = Dictionary(
            uniqueKeysWithValues: shares.prefix { $0.bytes > level }.map { ($0.owner, $0.bytes - level) })
        var (found, left) = ([Waiting](), bytes)
        let sql = """
            SELECT user_id, device_id, position, sender, \(StoredSize.toDevice) AS bytes FROM to_device_messages
            WHERE \(condition) ORDER BY position
            """
        try db.someRows(sql, arguments) { row in
            let message = Waiting(
                device: try DeviceKey(storedIn: row), position: try row["position"], sender: try row["sender"],
                bytes: try row["bytes"])
            if let debt = owed[message[keyPath: owner]] {
                owed[message[keyPath: owner]] = debt > message.bytes ? debt - message.bytes : nil
                left -= message.bytes
                found.append(message)
            }
            return left > 0 && !owed.isEmpty && found.count < Self.mostRemoved
        }
        return found
    }

    private struct Share: Hashable {
        let device: DeviceKey
        let sender: String
    }

    private func remove(_ messages: [Waiting]) throws {
        var (shares, senders) = ([Share: Int64](), [String: Usage]())
        for message in messages {
            let (user, device) = (message.device.user.rawValue, message.device.device.rawValue)
            try db.run(
                "DELETE FROM to_device_messages WHERE user_id = ? AND device_id = ? AND position = ?",
                [user, device, message.position])
            shares[Share(device: message.device, sender: message.sender), default: 0] -= message.bytes
            senders[message.sender, default: Usage()].bytes -= message.bytes
            senders[message.sender, default: Usage()].items -= 1
        }
        for (share, bytes) in shares {
            let (user, device) = (share.device.user.rawValue, share.device.device.rawValue)
            _ = try addToShares(bytes, from: share.sender, to: user, device)
            try forgetEmptyShares(of: user, device, from: share.sender)
        }
        for (sender, change) in senders { try UsageTable(db: db).add(change, .toDeviceSent, of: sender) }
    }
}

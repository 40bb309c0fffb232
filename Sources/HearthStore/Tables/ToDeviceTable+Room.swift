import GRDB
public import MatrixModel

/// Makes room for what was just sent. Nobody is kept from being written to: what goes is the oldest of whoever has most.
extension ToDeviceTable {
    /// How many messages one call deletes at most, for a database from before there were bounds.
    static let mostRemoved = 20_000

    private struct Waiting {
        let user: String
        let device: String
        let position: Int64
        let sender: String
        let bytes: Int64
    }

    /// Makes what waits for a device fit into `most` bytes: deletes the oldest messages of whoever has most in there, one sender after the
    /// other, and nothing from a position on. A full mailbox gives a little more, so that not every message has to look for another.
    public func makeRoom(for device: DeviceKey, most: Int64, before position: StreamPosition) throws {
        guard try bytesWaiting(for: device) > most else { return }
        var removed = 0
        while removed < Self.mostRemoved {
            let excess = try bytesWaiting(for: device) - (most - most / 32)
            guard excess > 0, let (sender, lead) = try largestShare(of: device) else { break }
            let messages = try oldest(
                "user_id = ? AND device_id = ? AND +sender = ? AND position < ?",
                [device.user.rawValue, device.device.rawValue, sender, position.rawValue], covering: min(excess, lead))
            if messages.isEmpty { break }
            try remove(messages)
            removed += messages.count
        }
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
        ) { (device: try DeviceKey(storedIn: $0), bytes: $0["bytes"] as Int64) }
        let level = Self.level(of: shares.map(\.bytes), toTake: sent - (most - most / 256))
        var (trimmed, removed) = (Set<DeviceKey>(), 0)
        for share in shares where share.bytes > level && removed < Self.mostRemoved {
            let messages = try oldest(
                "user_id = ? AND device_id = ? AND +sender = ? AND position < ?",
                [share.device.user.rawValue, share.device.device.rawValue, sender.rawValue, position.rawValue],
                covering: share.bytes - level)
            if messages.isEmpty { continue }
            try remove(messages)
            removed += messages.count
            trimmed.insert(share.device)
        }
        return trimmed
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

    /// Who has most in a device's mailbox, and how many bytes more than the next: taking more from this one alone would not be fair. At
    /// least a message's worth, so that two who have the same take turns.
    private func largestShare(of device: DeviceKey) throws -> (sender: String, lead: Int64)? {
        let shares = try db.rows(
            "SELECT sender, bytes FROM to_device_shares WHERE user_id = ? AND device_id = ? AND sender <> '' ORDER BY bytes DESC LIMIT 2",
            [device.user.rawValue, device.device.rawValue]
        ) { (sender: $0["sender"] as String, bytes: $0["bytes"] as Int64) }
        guard let first = shares.first else { return nil }
        return (sender: first.sender, lead: max(first.bytes - (shares.dropFirst().first?.bytes ?? 0), 1))
    }

    /// The oldest messages of which a condition holds that have so many bytes together.
    private func oldest(_ condition: String, _ arguments: StatementArguments, covering bytes: Int64) throws -> [Waiting] {
        var (found, covered) = ([Waiting](), Int64(0))
        let sql = """
            SELECT user_id, device_id, position, sender, \(StoredSize.toDevice) AS bytes FROM to_device_messages
            WHERE \(condition) ORDER BY position
            """
        let cursor = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        while covered < bytes, found.count < Self.mostRemoved, let row = try cursor.next() {
            let message = Waiting(
                user: row["user_id"], device: row["device_id"], position: row["position"], sender: row["sender"],
                bytes: row["bytes"])
            covered += message.bytes
            found.append(message)
        }
        return found
    }

    private struct Share: Hashable {
        let user: String
        let device: String
        let sender: String
    }

    private func remove(_ messages: [Waiting]) throws {
        var shares: [Share: Usage] = [:]
        for message in messages {
            try db.run(
                "DELETE FROM to_device_messages WHERE user_id = ? AND device_id = ? AND position = ?",
                [message.user, message.device, message.position])
            let share = Share(user: message.user, device: message.device, sender: message.sender)
            shares[share, default: Usage()].bytes -= message.bytes
            shares[share, default: Usage()].items -= 1
        }
        for (share, change) in shares {
            _ = try addToShares(change.bytes, from: share.sender, to: share.user, share.device)
            try UsageTable(db: db).add(change, .toDeviceSent, of: share.sender)
            try forgetEmptyShares(of: share.user, share.device)
        }
    }
}

public import MatrixModel

/// How much a user takes of something.
public struct Usage: Sendable, Equatable {
    public var bytes: Int64
    public var items: Int64

    public init(bytes: Int64 = 0, items: Int64 = 0) {
        self.bytes = bytes
        self.items = items
    }
}

/// What each user takes of what is bounded a user, so that nothing has to be counted row by row.
///
/// The tables of the rows themselves count, in the statement's own transaction: a counter is always the sum of its rows, after a crash and
/// after a deletion too.
public struct UsageTable {
    let db: Database

    public enum Kind: String, Sendable, CaseIterable {
        /// Account data, global and of rooms, tags included.
        case accountData = "account_data"
        /// Sessions of key backups, and their versions.
        case keyBackup = "key_backup"
        /// Content that was uploaded.
        case media
        /// Messages to devices that wait, by their sender.
        case toDeviceSent = "to_device_sent"
        /// Transaction ids of messages to devices that are remembered.
        case toDeviceTransactions = "to_device_transactions"
    }

    public func usage(of user: UserID, _ kind: Kind) throws -> Usage {
        try db.readableRow("SELECT bytes, items FROM usage WHERE user_id = ? AND kind = ?", [user.rawValue, kind.rawValue]) {
            try Usage(bytes: $0["bytes"], items: $0["items"])
        } ?? Usage()
    }

    func add(_ change: Usage, _ kind: Kind, of user: String) throws {
        if change == Usage() { return }
        try db.run(
            """
            INSERT INTO usage (user_id, kind, bytes, items) VALUES (?, ?, ?, ?)
            ON CONFLICT (user_id, kind) DO UPDATE SET
                bytes = usage.bytes + excluded.bytes, items = usage.items + excluded.items
            """, [user, kind.rawValue, change.bytes, change.items])
    }

    func subtract(_ change: Usage, _ kind: Kind, of user: String) throws {
        try add(Usage(bytes: -change.bytes, items: -change.items), kind, of: user)
    }

    func forget(_ kind: Kind, of user: String) throws {
        try db.run("DELETE FROM usage WHERE user_id = ? AND kind = ?", [user, kind.rawValue])
    }
}

public import MatrixModel

/// What clients sent under a transaction id, so that a repeated request gets the first one's answer, across a restart too.
public struct TransactionsTable {
    let db: Database

    /// The event that this device sent under this id. `scope` names the request: method, room and event type.
    public func event(for transaction: EventTransaction, scope: String) throws -> EventID? {
        try db.readableRow(
            "SELECT event_id FROM transactions WHERE user_id = ? AND device_id = ? AND scope = ? AND transaction_id = ?",
            [transaction.device.user.rawValue, transaction.device.device.rawValue, scope, transaction.id]
        ) { try $0["event_id"] }
    }

    /// Stores it. Replaces an existing row: callers have checked that none can be read, so it is damaged.
    public func insert(_ transaction: EventTransaction, scope: String, event: EventID, at age: ServerAge) throws {
        try db.checkKey(
            transaction.device.user.rawValue, transaction.device.device.rawValue, scope, transaction.id)
        try db.run(
            """
            INSERT INTO transactions (user_id, device_id, scope, transaction_id, event_id, created_age) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, device_id, scope, transaction_id) DO UPDATE SET
                event_id = excluded.event_id, created_age = excluded.created_age
            """,
            [
                transaction.device.user.rawValue, transaction.device.device.rawValue, scope, transaction.id, event.rawValue,
                age.milliseconds,
            ])
    }

    /// Forgets the oldest that are of before an age.
    ///
    /// - Returns: whether there may be more of them.
    public func purge(before age: ServerAge, at now: ServerAge, limit: Int) throws -> Bool {
        let rows = AgingRows(
            db: db, table: "transactions", key: "user_id, device_id, scope, transaction_id", age: "created_age")
        let broughtBack = try rows.bringBack(to: now, limit: limit)
        return try rows.delete(before: age, limit: limit).count == limit || broughtBack == limit
    }
}

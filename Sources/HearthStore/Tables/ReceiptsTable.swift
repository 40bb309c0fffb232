public import MatrixModel

/// A receipt, where it stands in the stream and how far it reaches.
public struct StoredReceipt: Sendable {
    public let receipt: Receipt
    /// The position of the event that was read.
    public let readUpTo: StreamPosition
    /// When the receipt came.
    public let position: StreamPosition

    public init(_ receipt: Receipt, readUpTo: StreamPosition, position: StreamPosition) {
        self.receipt = receipt
        self.readUpTo = readUpTo
        self.position = position
    }
}

/// How far users have read: for each user, kind and thread of a room the newest receipt.
public struct ReceiptsTable {
    let db: Database

    /// Stores a receipt in the place of the one before; false, and nothing is stored, when it does not reach further than that.
    public func advance(_ stored: StoredReceipt, in room: RoomID) throws -> Bool {
        let receipt = stored.receipt
        try db.checkKey(room.rawValue, receipt.user.rawValue, receipt.thread)
        try db.run(
            """
            INSERT INTO receipts (room_id, user_id, kind, thread_id, event_id, event_position, ts, position)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (room_id, user_id, kind, thread_id) DO UPDATE SET event_id = excluded.event_id,
                event_position = excluded.event_position, ts = excluded.ts, position = excluded.position
                WHERE receipts.event_position < excluded.event_position
            """,
            [
                room.rawValue, receipt.user.rawValue, receipt.kind.rawValue, receipt.thread ?? "", receipt.event.rawValue,
                stored.readUpTo.rawValue, receipt.time.milliseconds, stored.position.rawValue,
            ])
        return db.changesCount > 0
    }

    /// Leaves of a user's receipts in a room the newest `most`, where there are more: every thread has one of its own.
    ///
    /// What says how far the user has read stays, however old it is: receipts of the room and of its main thread, and of each kind the one that
    /// reaches furthest.
    public func trim(of user: UserID, in room: RoomID, to most: Int) throws {
        let slack = 100
        let count: Int =
            try db.row(
                "SELECT COUNT(*) AS count FROM (SELECT 1 FROM receipts WHERE room_id = ? AND user_id = ? LIMIT ?) AS found",
                [room.rawValue, user.rawValue, most + slack])?["count"] ?? 0
        guard count > most else { return }
        try db.run(
            """
            DELETE FROM receipts WHERE room_id = ?1 AND user_id = ?2 AND position IN (
                SELECT position FROM receipts WHERE room_id = ?1 AND user_id = ?2 AND thread_id NOT IN ('', 'main')
                AND (kind, event_position) NOT IN (
                    SELECT kind, MAX(event_position) FROM receipts WHERE room_id = ?1 AND user_id = ?2 GROUP BY kind)
                ORDER BY position LIMIT ?3)
            """, [room.rawValue, user.rawValue, count - most])
    }

    /// What came after one position and not after another, in stream order, as far as a reader may see it: private receipts are their
    /// user's alone.
    public func changes(
        in room: RoomID, after: StreamPosition, upTo: StreamPosition, for reader: UserID
    ) throws -> [(receipt: Receipt, position: StreamPosition)] {
        try db.rows(
            """
            SELECT * FROM receipts WHERE room_id = ? AND position > ? AND position <= ? AND (kind <> ? OR user_id = ?)
            ORDER BY position
            """,
            [room.rawValue, after.rawValue, upTo.rawValue, Receipt.Kind.readPrivate.rawValue, reader.rawValue]
        ) { try (receipt: try Self.receipt($0), position: $0["position"]) }
    }

    /// How far one user has read in one room by one kind of receipt.
    public struct Reach: Sendable {
        public let room: RoomID
        public let user: UserID
        public let kind: Receipt.Kind
        public let readUpTo: StreamPosition
        public let position: StreamPosition
    }

    /// Everybody's reach, threads taken together.
    static let reachesOfAll = """
        SELECT room_id, user_id, kind, MAX(event_position) AS reach, MAX(position) AS last FROM receipts
        GROUP BY room_id, user_id, kind
        """

    static func reach(_ row: Row) throws -> Reach {
        try Reach(
            room: row["room_id"], user: row["user_id"], kind: row["kind"], readUpTo: row["reach"], position: row["last"])
    }

    /// Deletes everything that a user has read.
    public func deleteAll(of user: UserID) throws {
        try db.run("DELETE FROM receipts WHERE user_id = ?", [user.rawValue])
    }

    private static func receipt(_ row: Row) throws -> Receipt {
        let user: UserID = try row["user_id"]
        let kind: Receipt.Kind = try row["kind"]
        let event: EventID = try row["event_id"]
        let thread: String = try row["thread_id"]
        return try Receipt(
            user: user, kind: kind, event: event, time: row["ts"],
            thread: thread.isEmpty ? nil : thread)
    }
}

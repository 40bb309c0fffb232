public import MatrixModel

/// One piece of a user's account data, global or of one room.
public struct StoredAccountData: Sendable {
    public let user: UserID
    /// The room; nil for global account data.
    public let room: RoomID?
    public let type: EventType
    public let content: JSONObject
    public let position: StreamPosition

    public init(user: UserID, room: RoomID?, type: EventType, content: JSONObject, position: StreamPosition) {
        self.user = user
        self.room = room
        self.type = type
        self.content = content
        self.position = position
    }

    /// What the piece counts for its user, in bytes: as ``StoredSize/accountData`` has it of the row.
    public var countedSize: Int64 {
        Int64(content.bytes.count + type.rawValue.utf8.count + (room?.rawValue.utf8.count ?? 0))
    }
}

/// Users' account data. The content is any JSON object, numbers with fractions included.
public struct AccountDataTable {
    let db: Database

    /// What the server writes itself: it is as much as there are rooms, and counts for nobody.
    public static let managed: [EventType] = [.fullyRead, .pushRules]

    /// Stores a piece in the place of the one before, and counts it.
    public func set(_ data: StoredAccountData) throws {
        let isManaged = Self.managed.contains(data.type)
        try set(data, replacing: isManaged ? nil : size(of: data.user, room: data.room, type: data.type))
    }

    /// Stores a piece in the place of the one before, and counts it.
    ///
    /// - Parameter before: how many bytes the one before counts, ``size(of:room:type:)``.
    public func set(_ data: StoredAccountData, replacing before: Int64?) throws {
        try db.checkKey(data.user.rawValue, data.room?.rawValue, data.type.rawValue)
        if !Self.managed.contains(data.type) {
            let change = Usage(bytes: data.countedSize - (before ?? 0), items: before == nil ? 1 : 0)
            try UsageTable(db: db).add(change, .accountData, of: data.user.rawValue)
        }
        try db.run(
            """
            INSERT INTO account_data (user_id, room_id, type, content, position) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (user_id, room_id, type) DO UPDATE SET content = excluded.content, position = excluded.position
            """,
            [
                data.user.rawValue, data.room?.rawValue ?? "", data.type.rawValue, try StoredJSON.data(data.content),
                data.position.rawValue,
            ])
    }

    /// - Parameter standIn: what stands for a content that cannot be read; without it there is no such account data then.
    public func data(
        of user: UserID, room: RoomID?, type: EventType, standIn: JSONObject? = nil
    ) throws -> StoredAccountData? {
        try db.readableRow(
            "SELECT * FROM account_data WHERE user_id = ? AND room_id = ? AND type = ?",
            [user.rawValue, room?.rawValue ?? "", type.rawValue]
        ) { try Self.data($0, standIn: standIn) }
    }

    /// How many bytes a piece counts; nil where there is none.
    public func size(of user: UserID, room: RoomID?, type: EventType) throws -> Int64? {
        try db.row(
            "SELECT \(StoredSize.accountData) AS size FROM account_data WHERE user_id = ? AND room_id = ? AND type = ?",
            [user.rawValue, room?.rawValue ?? "", type.rawValue]
        )?["size"]
    }

    /// How many types a user has globally or in one room, but for what the server writes itself; counts no more than `most`.
    public func typeCount(of user: UserID, room: RoomID?, atMost most: Int) throws -> Int {
        try db.row(
            """
            SELECT COUNT(*) AS count FROM (
                SELECT 1 FROM account_data WHERE user_id = ? AND room_id = ? AND type NOT IN (?, ?) LIMIT ?) AS found
            """,
            [user.rawValue, room?.rawValue ?? "", EventType.fullyRead.rawValue, EventType.pushRules.rawValue, most])?["count"]
            ?? 0
    }

    /// Deletes everything that a user has stored, in rooms too.
    public func deleteAll(of user: UserID) throws {
        try UsageTable(db: db).forget(.accountData, of: user.rawValue)
        try db.run("DELETE FROM account_data WHERE user_id = ?", [user.rawValue])
    }

    /// What changed after one position and not after another, in stream order.
    public func changes(of user: UserID, after: StreamPosition, upTo: StreamPosition) throws -> [StoredAccountData] {
        try db.rows(
            "SELECT * FROM account_data WHERE user_id = ? AND position > ? AND position <= ? ORDER BY position",
            [user.rawValue, after.rawValue, upTo.rawValue]
        ) { try Self.data($0) }
    }

    /// What a user has in one room that was written up to a position, in stream order.
    public func all(of user: UserID, in room: RoomID, upTo: StreamPosition) throws -> [StoredAccountData] {
        try db.rows(
            "SELECT * FROM account_data WHERE user_id = ? AND room_id = ? AND position <= ? ORDER BY position",
            [user.rawValue, room.rawValue, upTo.rawValue]
        ) { try Self.data($0) }
    }

    /// Everybody's global account data of one type, in stream order.
    ///
    /// - Parameter standIn: what stands for a content that cannot be read; without it such rows are passed over.
    public func all(_ type: EventType, standIn: JSONObject? = nil) throws -> [StoredAccountData] {
        try db.rows("SELECT * FROM account_data WHERE room_id = '' AND type = ? ORDER BY position", [type.rawValue]) {
            try Self.data($0, standIn: standIn)
        }
    }

    static func data(_ row: Row, standIn: JSONObject? = nil) throws -> StoredAccountData {
        let user: UserID = try row["user_id"]
        let content: JSONObject
        do throws(StoreError) {
            content = try StoredJSON.object(row, "content", of: "account_data")
        } catch {
            guard let standIn else { throw error }
            UnreadableRows.passedOver("account_data.content", of: row.user)
            content = standIn
        }
        return try StoredAccountData(
            user: user, room: RoomID(row["room_id"] as String), type: row["type"], content: content,
            position: row["position"])
    }
}

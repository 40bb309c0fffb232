public import MatrixModel

/// One field of a profile that a program has written; its row stays when it is removed, so that this is told to whoever was away.
public struct StoredProgramField: Sendable, Equatable {
    public let user: UserID
    /// The field's stable name.
    public let field: String
    /// The value; nil once it was removed.
    public var content: JSONObject?
    /// Where the value last changed.
    public var position: StreamPosition
    /// Where that which others see last changed.
    public var shownPosition: StreamPosition
    public var isWithheld: Bool
    /// The device that wrote it last; nil where that is not known.
    public var device: DeviceID?
    /// When it was written last, also with the same value.
    public var written: MatrixTimestamp

    public init(
        user: UserID, field: String, content: JSONObject?, position: StreamPosition, shownPosition: StreamPosition,
        isWithheld: Bool, device: DeviceID?, written: MatrixTimestamp
    ) {
        (self.user, self.field, self.content, self.position) = (user, field, content, position)
        (self.shownPosition, self.isWithheld, self.device, self.written) = (shownPosition, isWithheld, device, written)
    }
}

/// What programs have written into users' profiles.
public struct ProgramFieldsTable {
    let db: Database

    /// Those of all users; one that cannot be read is passed over.
    public func all() throws -> [StoredProgramField] {
        try db.rows("SELECT * FROM program_fields", StatementArguments(), Self.field)
    }

    public func fields(of user: UserID) throws -> [StoredProgramField] {
        try db.rows("SELECT * FROM program_fields WHERE user_id = ? ORDER BY field", [user.rawValue], Self.field)
    }

    public func set(_ field: StoredProgramField) throws {
        try db.checkKey(field.user.rawValue, field.field)
        try db.run(
            """
            INSERT INTO program_fields (user_id, field, content, position, shown_position, is_withheld, device_id, written_ts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, field) DO UPDATE SET content = excluded.content, position = excluded.position,
                shown_position = excluded.shown_position, is_withheld = excluded.is_withheld, device_id = excluded.device_id,
                written_ts = excluded.written_ts
            """,
            [
                field.user.rawValue, field.field, try field.content.map(StoredJSON.data), field.position.rawValue,
                field.shownPosition.rawValue, field.isWithheld, field.device?.rawValue, field.written.milliseconds,
            ])
    }

    public func deleteAll(of user: UserID) throws {
        try db.run("DELETE FROM program_fields WHERE user_id = ?", [user.rawValue])
    }

    private static func field(_ row: Row) throws -> StoredProgramField {
        let user: UserID = try row["user_id"]
        let isRemoved = row.databaseValue("content").isNull
        return try StoredProgramField(
            user: user, field: row["field"],
            content: isRemoved ? nil : try StoredJSON.object(row, "content", of: "program_fields"),
            position: row["position"], shownPosition: row["shown_position"],
            isWithheld: row["is_withheld"], device: row["device_id"],
            written: row["written_ts"])
    }
}

public import MatrixModel

/// An epoch of the stream: the time from one start of the server to the next.
public struct StoredEpoch: Sendable, Equatable {
    /// 1, 2 and so on.
    public let number: Int
    public let name: String
    /// The last position that was in the database when it began.
    public let beginsAfter: StreamPosition
}

/// The newest ten thousand epochs, by number. Tokens of older ones are not known any more.
public struct EpochsTable {
    /// A server that is started anew every minute keeps its clients' tokens for a week.
    public static let mostKept = 10_000

    let db: Database

    /// The oldest first.
    public func all() throws -> [StoredEpoch] {
        try db.rows("SELECT * FROM epochs ORDER BY number") { row in
            try StoredEpoch(number: row["number"], name: row["name"], beginsAfter: row["begins_after"])
        }
    }

    public func begin(_ name: String, after position: StreamPosition) throws {
        try db.run(
            "INSERT INTO epochs (number, name, begins_after) SELECT COALESCE(MAX(number), 0) + 1, ?, ? FROM epochs",
            [name, position.rawValue])
        try db.run("DELETE FROM epochs WHERE number <= (SELECT MAX(number) FROM epochs) - ?", [Self.mostKept])
    }
}

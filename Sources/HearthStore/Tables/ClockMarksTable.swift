public import MatrixModel

/// Where the stream was and what the clock showed at each round of the purge. The newest mark is also how old the server is.
public struct ClockMarksTable {
    let db: Database

    public func insert(_ mark: ClockMark) throws {
        try db.run(
            """
            INSERT INTO clock_marks (age, position, wall_ts) VALUES (?, ?, ?)
            ON CONFLICT (age) DO UPDATE SET position = excluded.position, wall_ts = excluded.wall_ts
            """, [mark.age.milliseconds, mark.position.rawValue, mark.wall.milliseconds])
    }

    public func newest() throws -> ClockMark? {
        try db.firstReadableRow("SELECT * FROM clock_marks ORDER BY age DESC") { row in
            try ClockMark(
                age: row["age"], position: row["position"], wall: row["wall_ts"])
        }
    }

    /// Where the stream surely was at an age already; nil where nobody remembers.
    public func position(at age: ServerAge) throws -> StreamPosition? {
        try db.firstReadableRow(
            "SELECT position FROM clock_marks WHERE age <= ? ORDER BY age DESC", [age.milliseconds]
        ) { try $0["position"] }
    }

    /// The earliest and the latest time that it may be by any reading of the clock since an age.
    public func readings(at now: ServerAge, since age: ServerAge) throws -> ClosedRange<MatrixTimestamp>? {
        let row = try db.row(
            "SELECT MIN(wall_ts - age) AS first, MAX(wall_ts - age) AS last FROM clock_marks WHERE age >= ?", [age.milliseconds])
        guard let row, let first = try row["first"] as Int64?, let last = try row["last"] as Int64? else { return nil }
        func time(_ start: Int64) -> MatrixTimestamp { MatrixTimestamp(milliseconds: start + now.milliseconds) }
        return time(first)...time(last)
    }

    /// Forgets the marks before an age, but for the last of them.
    public func purge(before age: ServerAge) throws {
        try db.run(
            "DELETE FROM clock_marks WHERE age < (SELECT MAX(age) FROM clock_marks WHERE age <= ?)", [age.milliseconds])
    }
}

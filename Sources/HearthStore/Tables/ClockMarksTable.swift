import GRDB
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
        try db.row("SELECT * FROM clock_marks ORDER BY age DESC LIMIT 1").map { row in
            ClockMark(
                age: ServerAge(milliseconds: row["age"]), position: StreamPosition(row["position"]),
                wall: MatrixTimestamp(milliseconds: row["wall_ts"]))
        }
    }

    /// Where the stream surely was at an age already; nil where nobody remembers.
    public func position(at age: ServerAge) throws -> StreamPosition? {
        try db.row("SELECT position FROM clock_marks WHERE age <= ? ORDER BY age DESC LIMIT 1", [age.milliseconds])
            .map { StreamPosition($0["position"]) }
    }

    /// The earliest and the latest time that it may be by any reading of the clock since an age.
    public func readings(at now: ServerAge, since age: ServerAge) throws -> ClosedRange<MatrixTimestamp>? {
        let row = try db.row(
            "SELECT MIN(wall_ts - age) AS first, MAX(wall_ts - age) AS last FROM clock_marks WHERE age >= ?", [age.milliseconds])
        guard let first: Int64 = row?["first"], let last: Int64 = row?["last"] else { return nil }
        func time(_ start: Int64) -> MatrixTimestamp { MatrixTimestamp(milliseconds: start + now.milliseconds) }
        return time(first)...time(last)
    }

    /// Forgets the marks before an age, but for the last of them.
    public func purge(before age: ServerAge) throws {
        try db.run(
            "DELETE FROM clock_marks WHERE age < (SELECT MAX(age) FROM clock_marks WHERE age <= ?)", [age.milliseconds])
    }
}

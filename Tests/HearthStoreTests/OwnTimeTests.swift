import MatrixModel
import Testing

@testable import HearthStore

@Suite("A database from before the server had a time of its own")
struct OwnTimeTests {
    private static let day: Int64 = 86_400_000
    private static let now: Int64 = 1_780_000_000_000

    /// Opens a database with transactions of some times when the wall clock shows another.
    private static func withAges(
        _ times: [Int64], wall: Int64, _ body: (StoreTransaction, _ ages: [Int64]) throws -> Void
    ) throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "13 quotas")
        try database.write { db in
            try db.execute(sql: "INSERT INTO meta VALUES ('position', '77')")
            for (number, time) in times.enumerated() {
                try db.execute(
                    sql: "INSERT INTO transactions VALUES ('@a:x', 'D', 's', ?, '$e', ?)", arguments: ["\(number)", time])
            }
            try Schema.keepOwnTime(db, now: MatrixTimestamp(milliseconds: wall))
            let ages = try db.values("SELECT created_age FROM transactions ORDER BY transaction_id") as [Int64]
            try body(StoreTransaction(db: db), ages)
        }
    }

    private struct Clock: Sendable, CustomTestStringConvertible {
        let name: String
        var ahead: [Int64] = []
        let wall: Int64
        let age: Int64

        var testDescription: String { name }
    }

    @Test(
        "no row is rewritten, and the server is as old as its newest row that no wrong clock had dated ahead",
        arguments: [
            Clock(name: "a right clock", wall: now, age: now - 2 * day),
            Clock(name: "a clock that is a year ahead", wall: now + 365 * day, age: now - 2 * day),
            Clock(name: "a clock that has begun in 1970", wall: 5, age: now - 2 * day),
            Clock(name: "rows from a clock that was a century ahead", ahead: [now + 36_500 * day], wall: now, age: now - 2 * day),
        ])
    private func begins(clock: Clock) throws {
        let times = [Self.now - 6 * Self.day, Self.now - 2 * Self.day] + clock.ahead
        try Self.withAges(times, wall: clock.wall) { (store, ages) throws in
            #expect(ages == times)
            let age = ServerAge(milliseconds: clock.age)
            #expect(
                try store.clockMarks.newest()
                    == ClockMark(age: age, position: StreamPosition(77), wall: MatrixTimestamp(milliseconds: clock.age)))
        }
    }

    @Test("where nothing is kept for a time the server begins at no age")
    func empty() throws {
        try Self.withAges([], wall: Self.now) { (store, _) throws in
            #expect(try store.clockMarks.newest() == nil)
        }
    }
}

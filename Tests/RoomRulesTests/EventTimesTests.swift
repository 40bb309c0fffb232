import MatrixModel
import RoomRules
import Testing

@Suite("Times of events")
struct EventTimesTests {
    /// Milliseconds: of the event before, of the clock, of the event that comes.
    struct Row: Sendable, CustomTestStringConvertible {
        let last, clock, next: Int64
        var testDescription: String { "\(last), then \(clock)" }
    }

    private static let day: Int64 = 86_400_000

    @Test(
        "times rise and follow the clock, but not what a wrong clock dated more than a minute ahead",
        arguments: [
            Row(last: 1_000, clock: 5_000, next: 5_000),
            Row(last: 5_000, clock: 5_000, next: 5_001),
            Row(last: 5_001, clock: 5_000, next: 5_002),
            Row(last: 64_999, clock: 5_000, next: 65_000),
            Row(last: 65_000, clock: 5_000, next: 5_000),
            Row(last: day, clock: 5_000, next: 5_000),
            Row(last: 365 * day, clock: day, next: day),
            Row(last: 5_000, clock: 365 * day, next: 365 * day),
        ])
    func next(row: Row) {
        let time = EventTimes.next(
            after: MatrixTimestamp(milliseconds: row.last), clock: MatrixTimestamp(milliseconds: row.clock))
        #expect(time.milliseconds == row.next)
    }
}

/// Says when a read may begin, and hears how much it takes out of the database, row by row, before anything is made of it.
///
/// So those who ask take turns, and memory can be borrowed for as much as SQLite tells there is, whatever is read: `docs/decisions/overload.md`.
///
/// The cycle: ``begin()`` -> ``takes(_:)``… -> ``end()``; after an error ``mayBeginAgain(after:)``, and from the beginning.
public protocol ReadMeter: Sendable {
    /// Waits until a read may begin; ``end()`` follows it. An error refuses the read.
    func begin() async throws

    /// The read that began is over.
    func end()

    /// So many bytes are about to be taken, or were just now where they are few. An error ends the read.
    func takes(_ bytes: Int) throws

    /// Whether a read that such an error ended may begin anew; waits until then.
    func mayBeginAgain(after error: any Error) async throws -> Bool

    /// Nothing is left of what was read.
    func forgets()
}

/// The meter of what is read on behalf of the current task; none for what the server reads for itself.
public enum MeteredRead {
    @TaskLocal public static var meter: (any ReadMeter)?
}

/// Tells a meter of the rows of a query, of small ones a few together.
struct RowCount {
    /// Bytes of which a meter hears later than they are taken, at most.
    private static let least = 4_096

    let meter: any ReadMeter
    private var untold = 0

    init(meter: any ReadMeter) { self.meter = meter }

    /// So many bytes are about to be taken.
    mutating func takes(_ bytes: Int) throws {
        untold += bytes
        if untold >= Self.least { try report() }
    }

    /// Tells the meter what it has not heard of yet.
    mutating func report() throws {
        if untold == 0 { return }
        try meter.takes(untold)
        untold = 0
    }
}

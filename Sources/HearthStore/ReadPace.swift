/// Foretells how long a read will wait for a connection, from how long earlier ones took, and how fast they went while others waited.
///
/// Both count, since a read costs more than the time it has a connection: on a busy machine its thread has to get a turn first.
///
/// Pure.
struct ReadPace: Sendable {
    /// How many reads run at once.
    let readers: Int
    private var underWay = 0
    private var duration: Duration = .zero
    /// From the end of one read to the end of the next, while reads waited.
    private var gap: Duration = .zero
    /// When a read ended and left others waiting; nil while none wait.
    private var lastEnd: ContinuousClock.Instant?
    /// When a read ended that no failure of the database has followed.
    private(set) var lastSuccess: ContinuousClock.Instant?

    init(readers: Int) { self.readers = readers }

    mutating func began() { underWay += 1 }

    /// - Parameter took: without the wait; nil for a read that failed. The means follow, an eighth of the way each time.
    mutating func ended(took: Duration?, at now: ContinuousClock.Instant) {
        underWay -= 1
        if let took { duration += (took - duration) / 8 }
        if let lastEnd { gap += (now - lastEnd - gap) / 8 }
        lastEnd = underWay >= readers ? now : nil
        if took != nil { lastSuccess = now }
    }

    /// The database could not be read.
    mutating func failed() { lastSuccess = nil }

    /// How long a read that came now would wait behind all others, or behind so many where those are fewer.
    func expectedWait(behind most: Int = .max) -> Duration {
        max(duration / readers, gap) * min(most, max(0, underWay - readers))
    }
}

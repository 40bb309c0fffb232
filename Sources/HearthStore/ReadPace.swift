/// Foretells how long a read will wait for a connection, from how long earlier ones took.
///
/// Pure.
struct ReadPace: Sendable {
    /// How many reads run at once.
    let readers: Int
    private var underWay = 0
    private var duration: Duration = .zero

    init(readers: Int) { self.readers = readers }

    mutating func began() { underWay += 1 }

    /// - Parameter took: without the wait; nil for a read that failed. The mean follows, an eighth of the way each time.
    mutating func ended(took: Duration?) {
        underWay -= 1
        if let took { duration += (took - duration) / 8 }
    }

    var expectedWait: Duration { duration * max(0, underWay - readers) / readers }
}

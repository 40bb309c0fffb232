/// Foretells how long an operation will wait for the writer, from how long earlier ones took, and how many make one transaction.
///
/// Pure. A transaction takes a time of its own (the disk's) and a time for each operation; what waits in front of an operation costs
/// the sum of both. A slow disk alone makes no queue: all that waits for it goes with the next transaction.
package struct WriterPace: Sendable {
    /// A transaction that runs for longer is taken for stuck.
    private static let stuck: Duration = .seconds(1)
    /// So many operations go into a transaction however slow they are, where a commit costs more than one of them.
    private static let fewest = 4

    private let largestBatch: Int
    private let longestBatch: Duration
    private var operation: Duration = .zero
    private var commit: Duration = .zero
    private var running = 0

    /// - Parameter longestBatch: for how long the operations of one transaction may run: all of them wait for the last.
    package init(largestBatch: Int, longestBatch: Duration) {
        self.largestBatch = largestBatch
        self.longestBatch = longestBatch
    }

    /// How many operations the next transaction takes at most.
    package var batchSize: Int {
        guard operation * largestBatch > longestBatch else { return largestBatch }
        return min(largestBatch, max(commit < operation ? 1 : Self.fewest, Int(longestBatch / operation)))
    }

    package mutating func batchBegan(_ count: Int) { running = count }

    /// - Parameters:
    ///   - took: from the beginning to the end.
    ///   - ran: the part of that in which the operations ran; nil when the transaction failed.
    ///   - count: how many of them ran; nil for all that began.
    package mutating func batchEnded(took: Duration, ran: Duration?, count: Int? = nil) {
        defer { running = 0 }
        let count = count ?? running
        guard let ran, count > 0 else { return }
        Self.follow(&operation, ran / count)
        Self.follow(&commit, max(took - ran, .zero))
    }

    /// - Parameters:
    ///   - waiting: how many operations wait for their transaction.
    ///   - since: for how long the transaction runs that runs now.
    package func expectedWait(behind waiting: Int, running since: Duration) -> Duration {
        let rest = max(operation * running - since, .zero)
        let ahead = rest + operation * waiting + commit * (waiting / batchSize)
        return ahead + (since > Self.stuck ? since : .zero)
    }

    /// A quarter of the way to the newest.
    private static func follow(_ mean: inout Duration, _ newest: Duration) { mean += (newest - mean) / 4 }
}

import MatrixModel

/// What is kept in memory of one device beside its peeks: its key counts and whether messages wait for it.
struct DeviceEntry: Sendable {
    var keyCounts = KeyCounts.none
    /// Where others last changed the counts.
    var keyCountsPosition: StreamPosition = .zero
    /// The stored messages to the device: the first and the last one's position. Nil when none are stored.
    private(set) var mailbox: ClosedRange<StreamPosition>?

    mutating func noteSent(at position: StreamPosition) {
        mailbox = (mailbox?.lowerBound ?? position)...position
    }

    mutating func noteDeleted(upTo position: StreamPosition) {
        guard let held = mailbox else { return }
        mailbox = position >= held.upperBound ? nil : max(held.lowerBound, position.next)...held.upperBound
    }
}

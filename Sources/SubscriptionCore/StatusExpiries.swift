import MatrixModel

/// The times at which statuses expire, soonest first.
///
/// A status that was replaced leaves its old entry behind (``ExpiryHeap``).
struct StatusExpiries: Sendable {
    /// How many users are named at once: many statuses end at midnight.
    static let mostAtOnce = 64
    /// After what time a status is due again that stands all the same.
    static let pause: Duration = .seconds(5)

    private var heap = ExpiryHeap<Entry>()

    private struct Entry: Comparable, Sendable {
        /// When the owner is named: the status's end, or later where that did not clear it.
        let due: MatrixTimestamp
        let expires: MatrixTimestamp
        let owner: UserID

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.due < rhs.due }
    }

    var count: Int { heap.count }

    /// - Parameter lanes: whose standing statuses tell which of the entries hold.
    mutating func insert(_ lane: LaneState, of owner: UserID, among lanes: [UserID: LaneState]) {
        guard let expires = lane.statusExpires else { return }
        heap.insert(Entry(due: expires, expires: expires, owner: owner)) { entries in
            var seen: Set<UserID> = []
            return entries.filter { lanes[$0.owner]?.statusExpires == $0.expires && seen.insert($0.owner).inserted }
        }
    }

    /// The next users whose standing status is over, each once. Whose lane says the same after a pause is due again.
    mutating func due(by now: MatrixTimestamp, lanes: [UserID: LaneState]) -> [UserID] {
        var due: [Entry] = []
        var seen: Set<UserID> = []
        while due.count < Self.mostAtOnce, let first = heap.first, first.due <= now {
            heap.removeFirst()
            guard lanes[first.owner]?.statusExpires == first.expires, seen.insert(first.owner).inserted else { continue }
            due.append(first)
        }
        let later = now.advanced(by: Self.pause)
        for entry in due { heap.putBack(Entry(due: later, expires: entry.expires, owner: entry.owner)) }
        return due.map(\.owner)
    }
}

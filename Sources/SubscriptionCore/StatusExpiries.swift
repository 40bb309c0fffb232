import HeapModule
import MatrixModel

/// The times at which statuses expire, soonest first.
///
/// A status that was replaced leaves its old entry behind, which is dropped when its time comes; or sooner, once such entries may be half
/// of all: their times may lie years ahead.
struct StatusExpiries: Sendable {
    /// So many entries are nothing to save.
    static let fewest = 1_024
    /// How many users are named at once: many statuses end at midnight.
    static let mostAtOnce = 64
    /// After what time a status is due again that stands all the same.
    static let pause: Duration = .seconds(5)

    private var heap: Heap<Entry> = []
    /// With so many entries those that hold no longer are looked for: twice as many as there were after the last time.
    private var most = Self.fewest

    private struct Entry: Comparable {
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
        if heap.count >= most {
            var seen: Set<UserID> = []
            heap = Heap(heap.unordered.filter { lanes[$0.owner]?.statusExpires == $0.expires && seen.insert($0.owner).inserted })
            most = max(Self.fewest, heap.count * 2)
        }
        heap.insert(Entry(due: expires, expires: expires, owner: owner))
    }

    /// The next users whose standing status is over, each once. Whose lane says the same after a pause is due again.
    mutating func due(by now: MatrixTimestamp, lanes: [UserID: LaneState]) -> [UserID] {
        var due: [Entry] = []
        var seen: Set<UserID> = []
        while due.count < Self.mostAtOnce, let first = heap.min, first.due <= now {
            heap.removeMin()
            guard lanes[first.owner]?.statusExpires == first.expires, seen.insert(first.owner).inserted else { continue }
            due.append(first)
        }
        let later = now.advanced(by: Self.pause)
        for entry in due { heap.insert(Entry(due: later, expires: entry.expires, owner: entry.owner)) }
        return due.map(\.owner)
    }
}

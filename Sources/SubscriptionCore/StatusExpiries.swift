import HeapModule
import MatrixModel

/// The times at which statuses expire, soonest first.
///
/// A status that was replaced leaves its old entry behind, which is dropped when its time comes; or sooner, once such entries may be half
/// of all: their times may lie years ahead.
struct StatusExpiries: Sendable {
    /// So many entries are nothing to save.
    static let fewest = 1_024

    private var heap: Heap<Entry> = []
    /// With so many entries those that hold no longer are looked for: twice as many as there were after the last time.
    private var most = Self.fewest

    private struct Entry: Comparable {
        let expires: MatrixTimestamp
        let owner: UserID

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.expires < rhs.expires }
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
        heap.insert(Entry(expires: expires, owner: owner))
    }

    /// The users whose standing status is over. They stay due until their lane says something else.
    mutating func due(by now: MatrixTimestamp, lanes: [UserID: LaneState]) -> [UserID] {
        var due: [UserID] = []
        while let first = heap.min, first.expires <= now {
            heap.removeMin()
            if lanes[first.owner]?.statusExpires == first.expires, !due.contains(first.owner) { due.append(first.owner) }
        }
        for owner in due { if let lane = lanes[owner] { insert(lane, of: owner, among: lanes) } }
        return due
    }
}

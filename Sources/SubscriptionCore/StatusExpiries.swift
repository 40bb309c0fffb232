import HeapModule
import MatrixModel

/// The times at which statuses expire, soonest first.
///
/// Entries are never removed early: a status that was replaced leaves its old entry behind, which is dropped when its time comes.
struct StatusExpiries: Sendable {
    private var heap: Heap<Entry> = []

    private struct Entry: Comparable {
        let expires: MatrixTimestamp
        let owner: UserID

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.expires < rhs.expires }
    }

    mutating func insert(_ lane: LaneState, of owner: UserID) {
        if let expires = lane.statusExpires { heap.insert(Entry(expires: expires, owner: owner)) }
    }

    /// The users whose standing status is over. They stay due until their lane says something else.
    mutating func due(by now: MatrixTimestamp, lanes: [UserID: LaneState]) -> [UserID] {
        var due: [UserID] = []
        while let first = heap.min, first.expires <= now {
            heap.removeMin()
            if lanes[first.owner]?.statusExpires == first.expires, !due.contains(first.owner) { due.append(first.owner) }
        }
        for owner in due { if let lane = lanes[owner] { insert(lane, of: owner) } }
        return due
    }
}

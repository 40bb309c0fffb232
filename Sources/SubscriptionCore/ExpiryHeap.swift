import HeapModule

/// Entries by their times, the soonest first. Some hold no longer, because what they are of was replaced or has ended.
///
/// Those are dropped when their time comes; or sooner, once they may be half of all: their times may lie years ahead, and what is replaced ten
/// times a second shall leave no more behind than what is never replaced.
struct ExpiryHeap<Entry: Comparable & Sendable>: Sendable {
    /// So many entries are nothing to save.
    static var fewest: Int { 1_024 }

    private var heap: Heap<Entry> = []
    /// With so many entries those that hold no longer are looked for: twice as many as there were after the last time.
    private var most = Self.fewest

    var count: Int { heap.count }
    var first: Entry? { heap.min }

    /// - Parameter holding: picks those that still hold, each once.
    mutating func insert(_ entry: Entry, keeping holding: ([Entry]) -> [Entry]) {
        if heap.count >= most {
            heap = Heap(holding(heap.unordered))
            most = max(Self.fewest, heap.count * 2)
        }
        heap.insert(entry)
    }

    /// Puts an entry back that was taken out.
    mutating func putBack(_ entry: Entry) { heap.insert(entry) }

    mutating func removeFirst() { heap.removeMin() }
}

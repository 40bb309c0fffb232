import DequeModule

/// Who is next: a few at a time, a few of each owner's, and owners take turns however much each of them asks for.
///
/// Pure. Owners whose own share is used up keep their place in the row.
struct FairTurns<Owner: Hashable & Sendable, Item: Sendable>: Sendable {
    struct Bounds: Sendable {
        /// Under way, in all and of one owner.
        var atOnce: Int
        var atOnceOfOwner: Int
        /// Waiting, in all and of one owner.
        var waiting: Int
        var waitingOfOwner: Int
    }

    let bounds: Bounds
    private var owners: Deque<Owner> = []
    private var items: [Owner: Deque<Item>] = [:]
    private var running: [Owner: Int] = [:]
    private(set) var runningCount = 0
    private(set) var waitingCount = 0

    init(bounds: Bounds) { self.bounds = bounds }

    /// Lets an item wait for its turn; false when too much waits already.
    mutating func append(_ item: Item, of owner: Owner) -> Bool {
        guard waitingCount < bounds.waiting, items[owner]?.count ?? 0 < bounds.waitingOfOwner else { return false }
        if items[owner] == nil { owners.append(owner) }
        items[owner, default: []].append(item)
        waitingCount += 1
        return true
    }

    /// Begins what is next; nil when nothing waits or enough is under way. Each is answered by ``ended(of:)``.
    mutating func begin() -> (owner: Owner, item: Item)? {
        guard runningCount < bounds.atOnce,
            let index = owners.firstIndex(where: { running[$0] ?? 0 < bounds.atOnceOfOwner })
        else { return nil }
        let owner = owners.remove(at: index)
        guard let item = items[owner]?.popFirst() else { return nil }
        if items[owner]?.isEmpty == true { items[owner] = nil } else { owners.append(owner) }
        waitingCount -= 1
        runningCount += 1
        running[owner, default: 0] += 1
        return (owner, item)
    }

    mutating func ended(of owner: Owner) {
        guard let count = running[owner] else { return }
        running[owner] = count > 1 ? count - 1 : nil
        runningCount -= 1
    }

    /// Takes out what waits and is of no use any longer.
    mutating func removeAll(where isOver: (Item) -> Bool) {
        for (owner, waiting) in items where waiting.contains(where: isOver) {
            let left = waiting.filter { !isOver($0) }
            waitingCount -= waiting.count - left.count
            items[owner] = left.isEmpty ? nil : Deque(left)
            if left.isEmpty { owners.removeAll { $0 == owner } }
        }
    }
}

package import DequeModule

/// Who is next: a few at a time, a few of each owner's, and owners take turns however much each of them asks for.
///
/// Inlinable, since every write goes through one (`WriteQueue`) and generic code is slow across targets.
///
/// Pure. Owners whose own share is used up keep their place in the row.
package struct FairTurns<Owner: Hashable & Sendable, Item: Sendable>: Sendable {
    package struct Bounds: Sendable {
        /// Under way, in all and of one owner.
        @usableFromInline let atOnce: Int
        @usableFromInline let atOnceOfOwner: Int
        /// Waiting, in all and of one owner.
        @usableFromInline let waiting: Int
        @usableFromInline let waitingOfOwner: Int

        package init(atOnce: Int, atOnceOfOwner: Int, waiting: Int, waitingOfOwner: Int) {
            self.atOnce = atOnce
            self.atOnceOfOwner = atOnceOfOwner
            self.waiting = waiting
            self.waitingOfOwner = waitingOfOwner
        }
    }

    /// What one owner has.
    @usableFromInline
    struct Share {
        @usableFromInline var waiting: Deque<Item>
        @usableFromInline var running = 0
        @inlinable var isNothing: Bool { waiting.isEmpty && running == 0 }

        @inlinable
        init(waiting: Deque<Item> = []) { self.waiting = waiting }
    }

    @usableFromInline let bounds: Bounds
    /// Those who wait, in the order of their turns.
    @usableFromInline var owners: Deque<Owner> = []
    @usableFromInline var shares: [Owner: Share] = [:]
    @usableFromInline var runningCount = 0
    @usableFromInline package internal(set) var waitingCount = 0
    /// How many owners have something waiting.
    @inlinable package var waitingOwners: Int { owners.count }

    package init(bounds: Bounds) { self.bounds = bounds }

    /// Lets an item wait for its turn; false when too much waits already.
    @inlinable
    package mutating func append(_ item: Item, of owner: Owner) -> Bool {
        guard waitingCount < bounds.waiting else { return false }
        guard let index = shares.index(forKey: owner) else {
            guard bounds.waitingOfOwner > 0 else { return false }
            shares[owner] = Share(waiting: [item])
            owners.append(owner)
            waitingCount += 1
            return true
        }
        let others = shares.values[index].waiting.count
        guard others < bounds.waitingOfOwner else { return false }
        if others == 0 { owners.append(owner) }
        shares.values[index].waiting.append(item)
        waitingCount += 1
        return true
    }

    /// Makes room for an owner where too much waits in all: takes out the newest of whoever has most waiting, unless the owner would have as much.
    ///
    /// - Returns: what is not to have its turn; nil where that would be no fairer.
    @inlinable
    package mutating func makeRoom(for owner: Owner) -> (owner: Owner, item: Item)? {
        let own = shares[owner]?.waiting.count ?? 0
        guard waitingCount >= bounds.waiting, own < bounds.waitingOfOwner,
            let most = shares.max(by: { $0.value.waiting.count < $1.value.waiting.count }), most.value.waiting.count > own + 1,
            let item = shares[most.key]?.waiting.popLast()
        else { return nil }
        waitingCount -= 1
        return (most.key, item)
    }

    /// Begins what is next; nil when nothing waits or enough is under way. Each is answered by ``ended(of:)``.
    @inlinable
    package mutating func begin() -> (owner: Owner, item: Item)? {
        guard runningCount < bounds.atOnce else { return nil }
        for place in owners.indices {
            guard let index = shares.index(forKey: owners[place]), shares.values[index].running < bounds.atOnceOfOwner,
                let (owner, item) = take(at: place, of: index)
            else { continue }
            shares.values[index].running += 1
            runningCount += 1
            return (owner, item)
        }
        return nil
    }

    /// Whose item ``take()`` takes out next.
    @inlinable package var nextOwner: Owner? { owners.first }

    /// Takes out what is next, however much is under way, and counts it for over at once.
    @inlinable
    package mutating func take() -> Item? {
        guard let owner = owners.first, let index = shares.index(forKey: owner), let (_, item) = take(at: 0, of: index) else {
            return nil
        }
        if shares.values[index].isNothing { shares.remove(at: index) }
        return item
    }

    @inlinable
    mutating func take(at place: Int, of index: Dictionary<Owner, Share>.Index) -> (Owner, Item)? {
        guard let item = shares.values[index].waiting.popFirst() else { return nil }
        let owner = owners.remove(at: place)
        if !shares.values[index].waiting.isEmpty { owners.append(owner) }
        waitingCount -= 1
        return (owner, item)
    }

    /// Takes back what was taken out and not done: it is its owner's next again, and its owner's turn is the next of all.
    @inlinable
    package mutating func putBack(_ item: Item, of owner: Owner) {
        if shares[owner]?.waiting.isEmpty == false { owners.removeAll { $0 == owner } }
        owners.prepend(owner)
        shares[owner, default: Share()].waiting.prepend(item)
        waitingCount += 1
    }

    @inlinable
    package mutating func ended(of owner: Owner) {
        guard let index = shares.index(forKey: owner), shares.values[index].running > 0 else { return }
        shares.values[index].running -= 1
        if shares.values[index].isNothing { shares.remove(at: index) }
        runningCount -= 1
    }

    /// Takes out what waits and is of no use any longer.
    @inlinable
    package mutating func removeAll(where isOver: (Item) -> Bool) {
        for (owner, share) in shares where share.waiting.contains(where: isOver) {
            var share = share
            let left = share.waiting.filter { !isOver($0) }
            waitingCount -= share.waiting.count - left.count
            share.waiting = Deque(left)
            shares[owner] = share.isNothing ? nil : share
            if left.isEmpty { owners.removeAll { $0 == owner } }
        }
    }
}

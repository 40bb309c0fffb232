import HearthRuntime

/// The operations that wait for the writer: those who ask take turns, so that whoever asks for much waits for themselves.
///
/// Pure. A transaction takes what clients wait for first, then what is housekeeping. Where its time was over before any of that, the next
/// transaction begins with one: it goes on however much clients want. What one user (or one address, where nobody is logged in) asks for keeps its order. Each of the server's own operations is an owner by
/// itself: none of them waits for the others. An asker whose last operation took long has the next one begin a transaction: what others wait
/// for is on the disk before it.
struct WriteQueue: Sendable {
    enum Owner: Hashable, Sendable {
        case asker(MemoryBorrower)
        case server(Int)
    }

    /// An operation that is next, with whose it is.
    struct Turn: Sendable {
        let owner: Owner
        let write: any PendingWrite
        var kind = WriteClass.clients
    }

    /// Of so many askers it is remembered that they are slow.
    private static let mostSlow = 1_024

    /// How many operations of housekeeping one transaction takes at most.
    static let mostHousekeeping = 64

    private var turns: FairTurns<Owner, any PendingWrite>
    private var housekeeping: FairTurns<Owner, any PendingWrite>
    private var ownOperations = 0
    private var slow: Set<Owner> = []
    /// Whether the last transaction had no time for any of the housekeeping that it had taken.
    private var isHousekeepingDue = false

    /// - Parameter longest: how many operations of each class may wait.
    init(longest: (WriteClass) -> Int = \.longestQueue) {
        func turns(_ kind: WriteClass) -> FairTurns<Owner, any PendingWrite> {
            let most = longest(kind)
            return FairTurns(bounds: .init(atOnce: .max, atOnceOfOwner: .max, waiting: most, waitingOfOwner: most))
        }
        self.turns = turns(.clients)
        housekeeping = turns(.housekeeping)
    }

    /// How many wait in front of what a client asks for now.
    var count: Int { turns.waitingCount }
    var housekeepingCount: Int { housekeeping.waitingCount }
    /// How many have something waiting: so many operations come before that of one who has nothing.
    var owners: Int { turns.waitingOwners }

    /// - Parameter asker: who asks for it; nil for the server itself.
    /// - Returns: false when too many wait already.
    mutating func append(_ write: any PendingWrite, of asker: MemoryBorrower?, as kind: WriteClass = .clients) -> Bool {
        var owner = Owner.server(ownOperations)
        if let asker { owner = .asker(asker) } else { ownOperations &+= 1 }
        return switch kind {
        case .clients: turns.append(write, of: owner)
        case .housekeeping: housekeeping.append(write, of: owner)
        }
    }

    /// Takes out what is next: at most so many operations that clients wait for, then some of the others.
    mutating func next(_ most: Int) -> [Turn] {
        var batch = isHousekeepingDue ? nextOfHousekeeping(1) : []
        batch += nextOfClients(most)
        batch += nextOfHousekeeping(min(max(most - batch.count, 1), Self.mostHousekeeping))
        isHousekeepingDue = false
        return batch
    }

    private mutating func nextOfHousekeeping(_ most: Int) -> [Turn] {
        var batch: [Turn] = []
        while batch.count < most, let owner = housekeeping.nextOwner, let write = housekeeping.take() {
            batch.append(Turn(owner: owner, write: write, kind: .housekeeping))
        }
        return batch
    }

    private mutating func nextOfClients(_ most: Int) -> [Turn] {
        var batch: [Turn] = []
        while batch.count < most, let owner = turns.nextOwner {
            if !batch.isEmpty, slow.contains(owner) { break }
            guard let write = turns.take() else { break }
            batch.append(Turn(owner: owner, write: write))
        }
        return batch
    }

    /// Takes back those of a batch that have not run, all but the first ones; they are next again.
    mutating func putBack(_ batch: [Turn], ran: Int) {
        let rest = batch.dropFirst(ran)
        for turn in rest.reversed() {
            switch turn.kind {
            case .clients: turns.putBack(turn.write, of: turn.owner)
            case .housekeeping: housekeeping.putBack(turn.write, of: turn.owner)
            }
        }
        isHousekeepingDue =
            rest.contains { $0.kind == .housekeeping } && !batch.prefix(ran).contains { $0.kind == .housekeeping }
    }

    /// An operation has run.
    mutating func ran(_ turn: Turn, isSlow: Bool) {
        guard case .asker = turn.owner else { return }
        if !isSlow {
            slow.remove(turn.owner)
        } else if slow.count < Self.mostSlow {
            slow.insert(turn.owner)
        }
    }
}

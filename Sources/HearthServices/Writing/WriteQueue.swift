/// The operations that wait for the writer: those who ask take turns, so that whoever asks for much waits for themselves.
///
/// Pure. What one user (or one address, where nobody is logged in) asks for keeps its order. Each of the server's own operations is an owner by
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
    }

    /// Of so many askers it is remembered that they are slow.
    private static let mostSlow = 1_024

    private var turns: FairTurns<Owner, any PendingWrite>
    private var ownOperations = 0
    private var slow: Set<Owner> = []

    /// - Parameter longest: how many operations may wait.
    init(longest: Int) {
        turns = FairTurns(bounds: .init(atOnce: .max, atOnceOfOwner: .max, waiting: longest, waitingOfOwner: longest))
    }

    var count: Int { turns.waitingCount }
    /// How many have something waiting: so many operations come before that of one who has nothing.
    var owners: Int { turns.waitingOwners }

    /// - Parameter asker: who asks for it; nil for the server itself.
    /// - Returns: false when too many wait already.
    mutating func append(_ write: any PendingWrite, of asker: MemoryBorrower?) -> Bool {
        if let asker { return turns.append(write, of: .asker(asker)) }
        ownOperations &+= 1
        return turns.append(write, of: .server(ownOperations))
    }

    /// Takes out what is next.
    mutating func next(_ most: Int) -> [Turn] {
        var batch: [Turn] = []
        while batch.count < most, let owner = turns.nextOwner {
            if !batch.isEmpty, slow.contains(owner) { break }
            guard let write = turns.take() else { break }
            batch.append(Turn(owner: owner, write: write))
        }
        return batch
    }

    /// Takes back what was next and has not run; it is next again.
    mutating func putBack(_ turns: some BidirectionalCollection<Turn>) {
        for turn in turns.reversed() { self.turns.putBack(turn.write, of: turn.owner) }
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

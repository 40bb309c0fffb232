/// The operations that wait for the writer: those who ask take turns, so that whoever asks for much waits for themselves.
///
/// Pure. What one user (or one address, where nobody is logged in) asks for keeps its order. Each of the server's own operations is an owner by
/// itself: none of them waits for the others.
struct WriteQueue: Sendable {
    private enum Owner: Hashable, Sendable {
        case asker(MemoryBorrower)
        case server(Int)
    }

    private var turns: FairTurns<Owner, any PendingWrite>
    private var ownOperations = 0

    /// - Parameter longest: how many operations may wait.
    init(longest: Int) {
        turns = FairTurns(bounds: .init(atOnce: .max, atOnceOfOwner: .max, waiting: longest, waitingOfOwner: longest))
    }

    var count: Int { turns.waitingCount }

    /// - Parameter asker: who asks for it; nil for the server itself.
    /// - Returns: false when too many wait already.
    /// How many have something waiting: so many operations come before that of one who has nothing.
    var owners: Int { turns.waitingOwners }
    mutating func append(_ write: any PendingWrite, of asker: MemoryBorrower?) -> Bool {
        if let asker { return turns.append(write, of: .asker(asker)) }
        ownOperations &+= 1
        return turns.append(write, of: .server(ownOperations))
    }

    /// Takes out what is next.
    mutating func next(_ most: Int) -> [any PendingWrite] {
        var batch: [any PendingWrite] = []
        while batch.count < most, let write = turns.take() { batch.append(write) }
        return batch
    }
}

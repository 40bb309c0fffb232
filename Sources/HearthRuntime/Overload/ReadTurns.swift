import HearthStore
import Synchronization

/// Whose turn it is to read the database: a few reads at once, and those who ask take turns, so that whoever asks for much waits for themselves.
///
/// One of the database's connections stays for what the server reads for itself. State: guarded by its lock.
final class ReadTurns: Sendable {
    private typealias Turns = FairTurns<MemoryBorrower, CheckedContinuation<Bool, Never>>

    private let state: Mutex<Turns>

    /// - Parameter atOnce: how many read at once; of one owner it is one less, so that a place is always left for others.
    init(atOnce: Int = Store.readers - 1, waitingOfOwner: Int = 1_024, waiting: Int = 8_192) {
        state = Mutex(
            Turns(
                bounds: .init(
                    atOnce: atOnce, atOnceOfOwner: max(1, atOnce - 1), waiting: waiting, waitingOfOwner: waitingOfOwner
                )))
    }

    /// Waits for a turn, which ``end(of:)`` ends; false where too many wait already, or came to wait of this owner.
    func begin(of owner: MemoryBorrower) async -> Bool {
        await withCheckedContinuation { continuation in
            let (isTaken, other) = state.withLock { turns in
                if turns.append(continuation, of: owner) { return (true, nil as CheckedContinuation<Bool, Never>?) }
                guard let other = turns.makeRoom(for: owner) else { return (false, nil) }
                return (turns.append(continuation, of: owner), other.item)
            }
            other?.resume(returning: false)
            if isTaken { beginTurns() } else { continuation.resume(returning: false) }
        }
    }

    func end(of owner: MemoryBorrower) {
        state.withLock { $0.ended(of: owner) }
        beginTurns()
    }

    var waitingCount: Int { state.withLock(\.waitingCount) }

    /// How many owners wait: so many turns come before one who asks now.
    var waitingOwners: Int { state.withLock(\.waitingOwners) }

    private func beginTurns() {
        while let (_, continuation) = state.withLock({ $0.begin() }) { continuation.resume(returning: true) }
    }
}

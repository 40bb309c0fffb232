import HearthSettings
import Synchronization

/// So many bytes and no more are lent at once (``MemoryShares``). State: guarded by its lock.
final class MemoryBudget: Sendable {
    private let state: Mutex<[MemoryUse: MemoryShares]>

    /// - Parameter largestBody: what the largest body takes that one request may have.
    init(bytes: Int, largestBody: Int) {
        let largest: [MemoryUse: Int] = [.bodies: largestBody, .strangersBodies: bytes / 64, .answers: 0]
        state = Mutex(
            Dictionary(
                uniqueKeysWithValues: MemoryUse.allCases.map { ($0, MemoryShares(of: bytes, for: $0, largest: largest[$0] ?? 0)) }
            ))
    }

    /// Nil where the rest is too little.
    func lend(_ bytes: Int, for use: MemoryUse, to borrower: MemoryBorrower) -> MemoryLoan? {
        guard state.withLock({ $0[use]?.lend(bytes, to: borrower) }) == true else { return nil }
        return MemoryLoan(bytes: bytes, use: use, borrower: borrower, budget: self)
    }

    /// What ``lend(_:for:to:)`` does for an answer that is being read.
    func lendForReading(_ bytes: Int, to borrower: MemoryBorrower) -> MemoryLoan? {
        let loan = MemoryLoan(bytes: 0, use: .answers, borrower: borrower, budget: self)
        return loan.grow(by: bytes) ? loan : nil
    }

    fileprivate func grow(_ loan: MemoryLoan, holding held: Int, by bytes: Int, hasTurn: inout Bool) -> Bool {
        let (isLent, turn) = state.withLock { shares in
            var turn = hasTurn
            return (shares[loan.use]?.lend(bytes, to: loan.borrower, besides: held, hasTurn: &turn) == true, turn)
        }
        hasTurn = turn
        return isLent
    }

    fileprivate func endTurn() { state.withLock { $0[.answers]?.endTurn() } }

    fileprivate func giveBack(_ bytes: Int, lentFor use: MemoryUse, to borrower: MemoryBorrower) {
        state.withLock { $0[use]?.giveBack(bytes, from: borrower) }
    }

    // MARK: In line

    /// A place in the line for memory for an answer; nil where too many wait. ``leave(_:)`` has to follow.
    func queue(_ bytes: Int, for borrower: MemoryBorrower) -> Int? {
        state.withLock { $0[.answers]?.queue(bytes, for: borrower) }
    }

    /// Memory for the place, if it is its turn and there is enough.
    func lend(toPlace place: Int) -> (loan: MemoryLoan, bytes: Int)? {
        guard let (bytes, borrower) = state.withLock({ $0[.answers]?.lend(toPlace: place) }) else { return nil }
        return (MemoryLoan(bytes: bytes, use: .answers, borrower: borrower, budget: self, hasTurn: true), bytes)
    }

    func leave(_ place: Int) { state.withLock { $0[.answers]?.leave(place) } }

    /// All that is lent for a use.
    func most(for use: MemoryUse) -> Int { state.withLock { $0[use]?.most ?? 0 } }

    var lentBytes: Int { state.withLock { $0.values.reduce(0) { $0 + $1.lent } } }
}

/// Bytes that are lent until nobody holds this any more.
public final class MemoryLoan: Sendable {
    private let state: Mutex<State>
    fileprivate let use: MemoryUse
    fileprivate let borrower: MemoryBorrower
    private let budget: MemoryBudget

    private struct State {
        var bytes: Int
        /// Whether it is one of those that need much, and what it is for is not made yet.
        var hasTurn: Bool
    }

    fileprivate init(bytes: Int, use: MemoryUse, borrower: MemoryBorrower, budget: MemoryBudget, hasTurn: Bool = false) {
        state = Mutex(State(bytes: bytes, hasTurn: hasTurn))
        self.use = use
        self.borrower = borrower
        self.budget = budget
    }

    /// Bytes.
    var size: Int { state.withLock(\.bytes) }

    /// Borrows so many bytes more; false where the rest is too little.
    public func grow(by more: Int) -> Bool {
        state.withLock { state in
            guard budget.grow(self, holding: state.bytes, by: more, hasTurn: &state.hasTurn) else { return false }
            state.bytes += more
            return true
        }
    }

    /// What it is for is made: gives back all but so many bytes.
    public func shrink(to rest: Int) {
        let (surplus, hadTurn) = state.withLock { state in
            let (surplus, hadTurn) = (max(0, state.bytes - rest), state.hasTurn)
            state.bytes -= surplus
            state.hasTurn = false
            return (surplus, hadTurn)
        }
        if surplus > 0 { budget.giveBack(surplus, lentFor: use, to: borrower) }
        if hadTurn { budget.endTurn() }
    }

    deinit { shrink(to: 0) }
}

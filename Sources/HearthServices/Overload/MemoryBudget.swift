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

    fileprivate func grow(_ loan: MemoryLoan, holding held: Int, by bytes: Int) -> Bool {
        state.withLock { $0[loan.use]?.lend(bytes, to: loan.borrower, besides: held) } == true
    }

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
        return (MemoryLoan(bytes: bytes, use: .answers, borrower: borrower, budget: self), bytes)
    }

    func leave(_ place: Int) { state.withLock { $0[.answers]?.leave(place) } }

    /// All that is lent for a use.
    func most(for use: MemoryUse) -> Int { state.withLock { $0[use]?.most ?? 0 } }

    var lentBytes: Int { state.withLock { $0.values.reduce(0) { $0 + $1.lent } } }
}

/// Bytes that are lent until nobody holds this any more.
public final class MemoryLoan: Sendable {
    private let bytes: Mutex<Int>
    fileprivate let use: MemoryUse
    fileprivate let borrower: MemoryBorrower
    private let budget: MemoryBudget

    fileprivate init(bytes: Int, use: MemoryUse, borrower: MemoryBorrower, budget: MemoryBudget) {
        self.bytes = Mutex(bytes)
        self.use = use
        self.borrower = borrower
        self.budget = budget
    }

    /// Borrows so many bytes more; false where the rest is too little.
    public func grow(by more: Int) -> Bool {
        bytes.withLock { bytes in
            guard budget.grow(self, holding: bytes, by: more) else { return false }
            bytes += more
            return true
        }
    }

    /// Gives back all but so many bytes.
    public func shrink(to rest: Int) {
        let surplus = bytes.withLock { bytes in
            let surplus = max(0, bytes - rest)
            bytes -= surplus
            return surplus
        }
        if surplus > 0 { budget.giveBack(surplus, lentFor: use, to: borrower) }
    }

    deinit { budget.giveBack(bytes.withLock { $0 }, lentFor: use, to: borrower) }
}

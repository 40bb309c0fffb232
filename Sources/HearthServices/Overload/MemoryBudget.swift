import Synchronization

/// So many bytes and no more are lent at once. State: one atomic.
final class MemoryBudget: Sendable {
    private let most: Int
    private let lent = Atomic<Int>(0)

    init(bytes: Int) { most = bytes }

    /// Nil where the rest is too little.
    func lend(_ bytes: Int) -> MemoryLoan? {
        guard lent.add(bytes, ordering: .relaxed).newValue <= most else {
            lent.subtract(bytes, ordering: .relaxed)
            return nil
        }
        return MemoryLoan(bytes: bytes, budget: self)
    }

    fileprivate func giveBack(_ bytes: Int) { lent.subtract(bytes, ordering: .relaxed) }

    var lentBytes: Int { lent.load(ordering: .relaxed) }
}

/// Bytes that are lent until nobody holds this any more.
public final class MemoryLoan: Sendable {
    private let bytes: Int
    private let budget: MemoryBudget

    fileprivate init(bytes: Int, budget: MemoryBudget) {
        self.bytes = bytes
        self.budget = budget
    }

    deinit { budget.giveBack(bytes) }
}

import Synchronization

/// How many requests of each asker are being answered, so that a server that has to refuse knows who has many.
///
/// A table of counters in which an asker's place is a hash, so that counting takes neither a lock nor memory. The hash differs with each start:
/// nobody can choose whose counter they share, and of `places` askers few share one.
///
/// State: atomics. Invariant: ``excess`` is the sum over all places of what is beyond ``few``.
final class AskersAtWork: Sendable {
    /// An asker with no more than so many requests under way has few: what a browser asks at once, and some more.
    static let few = 8
    private static let places = 4096

    private nonisolated(unsafe) let counts: UnsafeMutablePointer<Atomic<Int>>
    private let beyondFew = Atomic<Int>(0)

    init() {
        counts = .allocate(capacity: Self.places)
        for place in 0..<Self.places { (counts + place).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: Self.places)
        counts.deallocate()
    }

    /// Where an asker is counted; nil for one of whom nothing is known, who may be many.
    func place(of asker: MemoryBorrower) -> Int? {
        if asker.user == nil, asker.address == nil { return nil }
        return asker.hashValue & (Self.places - 1)
    }

    /// A request of the asker who is counted there is being answered; ``ended(at:)`` has to follow.
    func began(at place: Int) {
        if counts[place].add(1, ordering: .relaxed).oldValue >= Self.few { beyondFew.add(1, ordering: .relaxed) }
    }

    func ended(at place: Int) {
        if counts[place].subtract(1, ordering: .relaxed).oldValue > Self.few { beyondFew.subtract(1, ordering: .relaxed) }
    }

    /// Whether one more request would be more than a few.
    func hasMany(_ asker: MemoryBorrower) -> Bool {
        place(of: asker).map { counts[$0].load(ordering: .relaxed) >= Self.few } ?? false
    }

    /// How many requests are under way beyond the few of each asker.
    var excess: Int { max(0, beyondFew.load(ordering: .relaxed)) }
}

import HearthSettings
public import HearthStore
public import MatrixModel
import Synchronization

/// The memory that the answer to one request takes: borrowed while what it is made of is read, and kept until the answer is sent.
///
/// The cycle: a read waits for its turn (``begin()``); every row that is read for the request is counted before it is taken (``takes(_:)``). Where memory is short, the read ends, gives
/// back what it had, waits in line (``mayBeginAgain(after:)``) and begins anew with enough for twice as much. Once the answer is
/// made, what it does not hold goes back (``settle(for:)``). Small answers are not counted. A request that goes to sleep with nothing to answer
/// gives back all it has (``forgets()``).
///
/// State: guarded by its lock.
public final class AnswerMemory: ReadMeter {
    /// Bytes that are read without being counted.
    public static let small = 16 * 1024
    /// Memory is borrowed in steps of this, so that most answers take one.
    private static let step = 64 * 1024
    /// Beside what is read there is what is written of it, in a buffer that grows by doubling.
    static let growth = 4

    private let admission: Admission
    private let isGone: @Sendable () -> Bool
    private let user: @Sendable () -> UserID?
    private let borrower: @Sendable () -> MemoryBorrower
    private let state = Mutex(State())
    /// Where the asker is counted among those at work; negative before that is known, and once the request is answered.
    private let countedAt = Atomic<Int>(AnswerMemory.isNowhere)

    private struct State {
        /// Bytes that were read.
        var taken = 0
        /// Bytes that may be read before more memory is needed.
        var covered = AnswerMemory.small
        var loan: MemoryLoan?
        /// Whether more may be read than is lent: so much is not to be had.
        var mayExceedLoan = false
        var deadline: ContinuousClock.Instant?
        /// Once somebody has read.
        var asker: MemoryBorrower?
        /// Of a large body that the request came with.
        var turn: BodyTurn?
    }

    /// There is no memory for more. Never leaves a read.
    private struct MemoryIsShort: Error {}

    /// - Parameters:
    ///   - isGone: whether nobody is there any more whom the answer is for.
    ///   - user: who asks, as far as that is known by then: whose turn it is goes by the user alone.
    ///   - borrower: asked when memory is needed, and for a turn where no user is known: an address takes time to find.
    public init(
        admission: Admission, isGone: @escaping @Sendable () -> Bool = { false },
        user: @escaping @Sendable () -> UserID? = { nil }, borrower: @escaping @Sendable () -> MemoryBorrower
    ) {
        self.admission = admission
        self.isGone = isGone
        self.user = user
        self.borrower = borrower
    }

    public func begin() async throws { try await admission.turnToRead(of: asker) }

    public func end() { admission.endTurnToRead(of: asker) }

    /// That of the request that the current task answers.
    package static var current: AnswerMemory? { MeteredRead.meter as? AnswerMemory }

    // MARK: Who asks

    /// The request is being answered from now on; ``leaves()`` has to follow.
    public func enters() { admission.enter() }

    /// The request is answered.
    public func leaves() {
        admission.leave()
        let place = countedAt.exchange(Self.isOver, ordering: .relaxed)
        if place >= 0 { admission.ended(at: place) }
    }

    /// It turned out who asks.
    public static func isAsked(by user: UserID) { current?.isAsked(by: MemoryBorrower(user: user)) }

    private func isAsked(by asker: MemoryBorrower) {
        guard countedAt.load(ordering: .relaxed) == Self.isNowhere, let place = admission.place(of: asker) else { return }
        if countedAt.compareExchange(expected: Self.isNowhere, desired: place, ordering: .relaxed).exchanged {
            admission.began(at: place)
        }
    }

    /// Where the asker is counted among those at work; nil while nobody is.
    var place: Int? {
        let place = countedAt.load(ordering: .relaxed)
        return place < 0 ? nil : place
    }

    private static let isNowhere = -1
    private static let isOver = -2

    /// Whose turn a read or a change takes: a user's, or an address's where nobody is logged in.
    package var asker: MemoryBorrower {
        if let asker = state.withLock(\.asker) { return asker }
        let asker = (user().map { MemoryBorrower(user: $0) } ?? borrower()).asAsker
        isAsked(by: asker)
        // What a read began with it ends with: the first word counts.
        return state.withLock { state in
            if state.asker == nil { state.asker = asker }
            return state.asker ?? asker
        }
    }

    public func takes(_ bytes: Int) throws {
        try state.withLock { state in
            state.taken += bytes
            if state.taken <= state.covered { return }
            let steps = (state.taken - state.covered + Self.step - 1) / Self.step
            let more = steps * Self.step
            if let loan = state.loan {
                guard loan.grow(by: more * Self.growth) else { throw MemoryIsShort() }
            } else {
                guard let loan = admission.memoryForReading(more * Self.growth, to: borrower()) else {
                    throw MemoryIsShort()
                }
                state.loan = loan
            }
            state.covered += more
        }
    }

    public func mayBeginAgain(after error: any Error) async throws -> Bool {
        guard error is MemoryIsShort else { return false }
        let (read, deadline) = state.withLock { state in
            let deadline = state.deadline ?? ContinuousClock.now + admission.patience
            defer {
                state.loan = nil
                state.taken = 0
                state.deadline = deadline
            }
            return (state.taken, deadline)
        }
        let needed = max(read * 2, Self.step * 4)
        let (loan, bytes) = try await admission.memoryInLine(
            needed * Self.growth, afterReading: read, to: borrower(), until: deadline, unless: isGone)
        state.withLock { state in
            state.loan = loan
            state.covered = max(needed, bytes / Self.growth)
            state.mayExceedLoan = bytes < needed * Self.growth
        }
        return true
    }

    public func forgets() {
        let loan = state.withLock { state in
            defer { state = State(asker: state.asker) }
            return state.loan
        }
        // Given back outside of the lock.
        withExtendedLifetime(loan) {}
    }

    /// The turn of a large body lasts as long as this.
    func keeps(_ turn: BodyTurn) { state.withLock { $0.turn = turn } }

    /// The answer has so many bytes: hands on the memory for it, to be shrunk once nothing is left of what was read; nil for a small one.
    ///
    /// - Throws: ``Overloaded`` where even that is not to be had, for an answer of what memory held.
    public func settle(for bytes: Int) throws(Overloaded) -> MemoryLoan? {
        let (loan, mayExceedLoan) = state.withLock { state in
            defer { state.loan = nil }
            return (state.loan, state.mayExceedLoan)
        }
        guard bytes > Self.small else { return nil }
        if let loan {
            if !mayExceedLoan { try admission.grow(loan, to: bytes) }
            return loan
        }
        return try admission.memory(bytes, for: .answers, to: borrower())
    }
}

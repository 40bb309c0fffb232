public import HearthSettings
import Synchronization

/// Decides which new requests are answered and which are told to come again, so that what is answered is answered soon.
///
/// The cycle: ``LoadProbe`` measures how long work waits for the processor, the writer and the database's readers; ``AdmittedShares`` of each follow that; a
/// request that comes is admitted or refused (``admit(_:by:)``) by its number among all that might be, and by whether its asker has many under way already
/// (``AskersAtWork``): they are refused first. A request counts as awake from
/// ``enter()`` to ``leave()``, but not while it is ``asleep(isolation:_:)``: held syncs cost nothing, are never counted and never
/// thrown out, and go on when they wake.
/// While few requests are awake nothing is refused: whatever is slow then, they are not the reason.
///
/// State: atomics, on the path of every request; `shares` is guarded by its lock and touched by the probe alone.
public final class Admission: Sendable {
    /// With so few requests awake, none is refused.
    static let harmless = 64
    /// With so many, all are: each takes memory. With half as many, those of askers who have many among them.
    static let mostAwake = 8192
    /// Of so many bytes a body is large: it is read and dealt with when it is its user's turn.
    public static let largeBody = 65_536
    /// The database may be waited for longer than the processor: a request waits for it but once.
    private static let databaseFactor = 2

    let patience: Duration
    private let metrics: ServerMetrics
    private let budget: MemoryBudget
    private let readTurns = ReadTurns()
    private let bodyTurns = BodyTurns()
    private let awake = Atomic<Int>(0)
    private let isShutDown = Atomic<Bool>(false)
    private let arrivals = Atomic<Int>(0)
    private let decisions = Atomic<Int>(0)
    private let askers = AskersAtWork()
    private let processor = SharesInForce()
    private let writer = SharesInForce()
    private let reader = SharesInForce()
    private let shares: Mutex<Shares>

    private struct Shares: Sendable {
        var processor: AdmittedShares
        var writer: AdmittedShares
        var reader: AdmittedShares
    }

    /// What the path of every request reads of ``AdmittedShares``.
    private struct SharesInForce: ~Copyable {
        private let ofMany = Atomic<Int>(AdmittedShare.whole)
        private let ofFew = Atomic<Int>(AdmittedShare.whole)

        var least: Int { ofMany.load(ordering: .relaxed) }

        func follow(_ shares: AdmittedShares) {
            ofMany.store(shares.ofMany, ordering: .relaxed)
            ofFew.store(shares.ofFew, ordering: .relaxed)
        }

        func admit(_ number: Int, favour: Int, hasMany: () -> Bool) -> Bool {
            AdmittedShares.admit(
                number, ofMany: ofMany.load(ordering: .relaxed), ofFew: ofFew.load(ordering: .relaxed), favour: favour,
                hasMany: hasMany)
        }
    }

    /// - Parameters:
    ///   - longestWait: for the processor; zero refuses nothing for the sake of time.
    ///   - bufferedBytes: of large bodies and answers, in memory at once.
    ///   - largestBody: bytes of a request's JSON.
    ///   - patience: how long a request waits for memory for its answer.
    public init(
        longestWait: Duration = .milliseconds(100), bufferedBytes: Int = 268_435_456, largestBody: Int = 1_048_576,
        patience: Duration = .seconds(20), metrics: ServerMetrics = ServerMetrics()
    ) {
        self.patience = patience
        self.metrics = metrics
        budget = MemoryBudget(bytes: bufferedBytes, largestBody: largestBody * MemoryUse.jsonGrowth)
        shares = Mutex(
            Shares(
                processor: AdmittedShares(target: longestWait),
                writer: AdmittedShares(target: longestWait * Self.databaseFactor),
                reader: AdmittedShares(target: longestWait * Self.databaseFactor)))
    }

    /// How many requests are being answered, those asleep excepted.
    public var awakeCount: Int { max(0, awake.load(ordering: .relaxed)) }

    /// Bytes of memory that are lent.
    var lentBytes: Int { budget.lentBytes }

    /// How many requests have entered since the start.
    package var arrivalCount: Int { arrivals.load(ordering: .relaxed) }

    /// Whether some of the requests that come now are refused.
    public var isHoldingOff: Bool {
        let count = awakeCount
        if count < Self.harmless { return false }
        return count >= Self.mostAwake / 2 || leastShare < AdmittedShare.whole
    }

    /// Admits a request before anything is done for it; refused ones have cost nothing yet.
    ///
    /// - Parameter asker: asked only where it matters, which it does not while nothing is refused.
    public func admit(_ workload: Workload, by asker: () -> MemoryBorrower) throws(Overloaded) {
        guard isHoldingOff else { return }
        let number = decisions.add(1, ordering: .relaxed).oldValue
        if let reason = refusal(of: workload, number: number, hasMany: { askers.hasMany(asker()) }) { throw refuse(reason) }
    }

    /// A request is being answered from now on; ``leave()`` has to follow.
    public func enter() {
        arrivals.add(1, ordering: .relaxed)
        awake.add(1, ordering: .relaxed)
    }

    /// A request that has entered is answered.
    public func leave() { awake.subtract(1, ordering: .relaxed) }

    /// Where an asker is counted; nil for one of whom nothing is known.
    func place(of asker: MemoryBorrower) -> Int? { askers.place(of: asker) }

    /// A request of the asker who is counted there is being answered; ``ended(at:)`` has to follow.
    func began(at place: Int) { askers.began(at: place) }

    func ended(at place: Int) { askers.ended(at: place) }

    /// Whether an asker has many requests under way.
    func hasMany(_ asker: MemoryBorrower) -> Bool { askers.hasMany(asker) }

    /// Runs what does nothing but wait.
    public func asleep<Value, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let place = AnswerMemory.current?.place
        awake.subtract(1, ordering: .relaxed)
        if let place { askers.ended(at: place) }
        defer {
            awake.add(1, ordering: .relaxed)
            if let place { askers.began(at: place) }
        }
        return try await body()
    }

    /// Memory for a large body or answer, given back when nobody holds it any more.
    public func memory(_ bytes: Int, for use: MemoryUse, to borrower: MemoryBorrower) throws(Overloaded) -> MemoryLoan {
        guard let loan = budget.lend(bytes, for: use, to: borrower) else { throw refuse(.memory) }
        return loan
    }

    /// Makes a loan at least so large.
    func grow(_ loan: MemoryLoan, to bytes: Int) throws(Overloaded) {
        let more = bytes - loan.size
        guard more <= 0 || loan.grow(by: more) else { throw refuse(.memory) }
    }

    /// Waits for a turn to read the database, which ``endTurnToRead(of:)`` ends.
    func turnToRead(of owner: MemoryBorrower) async throws(Overloaded) {
        guard await readTurns.begin(of: owner) else { throw refuse(.reader) }
    }

    func endTurnToRead(of owner: MemoryBorrower) { readTurns.end(of: owner) }

    /// How many askers wait for a turn to read.
    package var waitingReaders: Int { readTurns.waitingOwners }

    /// Waits for the turn of a user's large body; it lasts until the current request is answered.
    public func turnWithBody(of owner: MemoryBorrower) async throws(Overloaded) -> BodyTurn {
        guard let turn = await bodyTurns.begin(of: owner.asAsker) else { throw refuse(.requests) }
        AnswerMemory.current?.keeps(turn)
        return turn
    }

    /// Memory for an answer that is being read; nil for one that has to wait.
    func memoryForReading(_ bytes: Int, to borrower: MemoryBorrower) -> MemoryLoan? {
        budget.lendForReading(bytes, to: borrower)
    }

    /// Waits for memory for a large answer, in the order of coming; less is lent where so much is never to be had.
    ///
    /// - Parameters:
    ///   - read: what of it was read already; of what is more than all memory for answers, none is made.
    ///   - isGone: whether nobody is there any more whom the answer is for: then nobody waits.
    func memoryInLine(
        _ bytes: Int, afterReading read: Int, to borrower: MemoryBorrower, until deadline: ContinuousClock.Instant,
        unless isGone: @Sendable () -> Bool
    ) async throws -> (loan: MemoryLoan, bytes: Int) {
        guard read <= budget.most(for: .answers) else { throw refuse(.memory) }
        guard let place = budget.queue(bytes, for: borrower) else { throw refuse(.memory) }
        defer { budget.leave(place) }
        return try await asleep {
            while true {
                if let lent = budget.lend(toPlace: place) { return lent }
                if isShutDown.load(ordering: .relaxed) || Task.isCancelled { throw WriteError.shuttingDown }
                if isGone() { throw Overloaded(reason: .memory, retryAfter: .seconds(1)) }
                guard ContinuousClock.now < deadline else { throw refuse(.memory) }
                do {
                    try await Task.sleep(for: Self.look)
                } catch {
                    throw WriteError.shuttingDown
                }
            }
        }
    }

    /// Nobody waits for memory any more.
    public func shutDown() { isShutDown.store(true, ordering: .relaxed) }

    /// How often those who wait for memory look whether it is there.
    private static let look: Duration = .milliseconds(20)

    /// Takes a sample of how long tasks wait for the processor, operations for the writer, and reads for a connection.
    ///
    /// Tasks take no turns. But had nobody more than a few requests under way, the queue would be as much shorter as there are fewer of them.
    package func observed(processorWait: Duration, writerWait: ExpectedWait, readerWait: ExpectedWait) {
        let count = awakeCount
        let inTurn = count > 0 ? processorWait * max(0, count - askers.excess) / count : processorWait
        let now = shares.withLock { shares in
            shares.processor.observed(ExpectedWait(behindAll: processorWait, inTurn: inTurn))
            shares.writer.observed(writerWait)
            shares.reader.observed(readerWait)
            return shares
        }
        processor.follow(now.processor)
        writer.follow(now.writer)
        reader.follow(now.reader)
    }

    private var leastShare: Int { min(processor.least, writer.least, reader.least) }

    private func refusal(of workload: Workload, number: Int, hasMany: () -> Bool) -> RefusalReason? {
        let count = awakeCount
        if count >= Self.mostAwake || count >= Self.mostAwake / 2 && hasMany() { return .requests }
        // A sync is let through eight times as often.
        let favour = workload == .sync ? 8 : 1
        if !processor.admit(number, favour: favour, hasMany: hasMany) { return .processor }
        if workload == .change { return writer.admit(number, favour: favour, hasMany: hasMany) ? nil : .writer }
        return reader.admit(number, favour: favour, hasMany: hasMany) ? nil : .reader
    }

    /// The less is admitted, the later it is worth to come again; not all at the same moment.
    private func refuse(_ reason: RefusalReason) -> Overloaded {
        metrics.workWasRefused(because: reason)
        let share = leastShare
        let seconds = share >= AdmittedShare.whole / 2 ? 1 : share >= AdmittedShare.whole / 8 ? 2 : 4
        let spread = decisions.load(ordering: .relaxed) % 1000
        return Overloaded(reason: reason, retryAfter: .milliseconds(seconds * 1000 + spread))
    }
}

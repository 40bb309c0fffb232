import HearthRuntime
import HearthStore
import Logging
import MatrixModel
import RoomRules
public import ServiceLifecycle
import SubscriptionCore
import Synchronization

/// The one writer of the store: every change of anything durable is an operation of it.
///
/// The cycle: requests queue operations (``WriteQueue``); the loop takes what is next, runs it in one transaction, commits,
/// has memories adopt what changed of them (``RowMirror``), tells the ``StreamNotifier``, and only then lets the requests go on (group commit).
/// An operation that throws leaves nothing behind; when the commit fails, every operation of the batch fails and nothing of them is kept, in memory neither.
///
/// State: `queue` is guarded by its lock; `cache` is touched on the writer's turn only and guarded by its lock all the same.
public final class RoomWriter: Service {
    /// For how long what nobody waits for may hold up a transaction; it goes on with the next.
    static let housekeepingTime: Duration = .milliseconds(25)
    /// How many operations one transaction takes at most.
    static let largestBatch = 256

    private let store: Store
    private let server: ServerIdentity
    private let clock: any ServerClock
    /// Which points of the stream clients may continue from.
    public let history: KnownHistory
    /// Who follows the rooms, in their order.
    private let followers: [any RoomFollower]
    /// How old the server was when this process began, and when that was.
    private let ageAtStart: ServerAge
    private let started: MonotonicTime
    private let notifier: StreamNotifier
    private let logger: Logger
    private let queue: Mutex<Queue>
    private let longestBatch: Duration
    private let cache: Mutex<WriterMemory>
    private let lastWriteFailed = Atomic(false)
    /// When something was last changed on the disk, in nanoseconds of the monotonic clock.
    private let lastWrite = Atomic<Int64>(.min)
    private let lastOperations = Mutex<[LastOperation]>([])
    private let signal: AsyncStream<Void>
    private let signalled: AsyncStream<Void>.Continuation

    private struct LastOperation: Sendable {
        let catchesUp: Bool
        let run: @Sendable (WriteContext) throws -> Void
    }

    private struct Queue {
        var waiting = WriteQueue()
        var isClosed = false
        var pace: WriterPace
        /// When the transaction began that runs.
        var began: ContinuousClock.Instant?
    }

    /// - Parameters:
    ///   - followers: who follows the rooms, in this order.
    ///   - longestBatch: for how long the operations of one transaction run: none begins after that.
    init(
        store: Store, server: ServerIdentity, clock: any ServerClock, notifier: StreamNotifier, history: KnownHistory,
        followers: [any RoomFollower], logger: Logger, longestBatch: Duration
    ) throws {
        queue = Mutex(Queue(pace: WriterPace(largestBatch: Self.largestBatch, longestBatch: longestBatch)))
        self.longestBatch = longestBatch
        self.store = store
        self.server = server
        self.clock = clock
        self.notifier = notifier
        self.history = history
        self.followers = followers
        self.logger = logger
        let position = try store.readNow { try $0.meta.position() }
        ageAtStart = try store.readNow { try $0.clockMarks.newest()?.age ?? .zero }
        started = clock.now().monotonic
        cache = Mutex(WriterMemory(position: position, committed: position))
        (signal, signalled) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs an operation in the next transaction and returns when it is on the disk.
    ///
    /// - Parameters:
    ///   - kind: whether anybody waits for it.
    ///   - partialChanges: what the operation may have changed when it throws.
    /// - Throws: what the operation throws, or ``WriteError``.
    public func perform<Value: Sendable>(
        as kind: WriteClass = .clients, partialChanges: PartialChanges = .undone,
        _ operation: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws -> Value {
        let asker = AnswerMemory.current?.asker
        return try await withCheckedThrowingContinuation { continuation in
            let write = QueuedWrite(operation: operation, partialChanges: partialChanges, continuation: continuation)
            let refusal = queue.withLock { queue -> WriteError? in
                if queue.isClosed { return .shuttingDown }
                return queue.waiting.append(write, of: asker, as: kind) ? nil : .overloaded
            }
            if let refusal { return continuation.resume(throwing: refusal) }
            signalled.yield()
        }
    }

    /// Runs an operation before the loop has started: for what start-up has to write.
    public func performNow<Value: Sendable>(_ operation: @escaping @Sendable (WriteContext) throws -> Value) throws -> Value {
        let write = DirectWrite(operation: operation)
        let outcome = cache.withLock { memory in
            let turn = WriteQueue.Turn(owner: .server(0), write: write)
            return Result { try store.writeNow { try Self.run([turn], within: nil, in: $0, memory: &memory, writer: self) } }
        }
        finish([write], outcome: outcome)
        guard let result = write.result.withLock({ $0 }) else { throw WriteError.shuttingDown }
        return try result.get()
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in signal { await drain() }
            // However it came to its end, by a shutdown or by being cancelled: from here on nobody would run what is queued.
            close()
            await drain()
            await runLastOperations()
        } onGracefulShutdown: {
            self.close()
        }
    }

    /// How long the server has run so far.
    func age(at now: Now) -> ServerAge { ageAtStart.advanced(by: now.monotonic.duration(since: started)) }

    /// Has an operation run in the writer's last transaction, after all that was queued, however it comes to its end.
    ///
    /// - Parameter catchesUp: whether it stores what memory is ahead of; then ``catchUp(in:)`` runs it too.
    func beforeItEnds(catchesUp: Bool, _ operation: @escaping @Sendable (WriteContext) throws -> Void) {
        lastOperations.withLock { $0.append(LastOperation(catchesUp: catchesUp, run: operation)) }
    }

    /// Stores now what memory is ahead of: for operations that decide by such rows.
    func catchUp(in context: WriteContext) throws {
        for operation in lastOperations.withLock({ $0 }) where operation.catchesUp { try operation.run(context) }
    }

    private func runLastOperations() async {
        let writes = lastOperations.withLock { $0 }.map { DirectWrite(operation: $0.run) }
        if writes.isEmpty { return }
        let began = ContinuousClock.now
        queue.withLock { queue in
            queue.pace.batchBegan(writes.count)
            queue.began = began
        }
        await commit(writes.map { WriteQueue.Turn(owner: .server(0), write: $0) }, within: nil, began: began)
        for case .failure(let error)? in writes.map({ $0.result.withLock { $0 } }) {
            logger.warning("the server's last write failed", metadata: ["reason": "\(error)"])
        }
    }

    /// Whether a transaction failed, and none has changed anything on the disk since.
    var hasFailed: Bool { lastWriteFailed.load(ordering: .relaxed) }

    /// When something was last changed on the disk.
    var lastWritten: MonotonicTime { MonotonicTime(nanoseconds: lastWrite.load(ordering: .relaxed)) }

    /// How many operations wait for the next transaction.
    public var queueDepth: Int { queue.withLock { $0.waiting.count + $0.waiting.housekeepingCount } }

    /// How long an operation that came now would wait until its transaction begins.
    var expectedWait: ExpectedWait {
        let now = ContinuousClock.now
        return queue.withLock { queue in
            let running = queue.began.map { now - $0 } ?? .zero
            return ExpectedWait(
                behindAll: queue.pace.expectedWait(behind: queue.waiting.count, running: running),
                inTurn: queue.pace.expectedWait(behind: queue.waiting.owners, running: running))
        }
    }

    /// Takes no more operations; what waits is still written.
    public func close() {
        queue.withLock { $0.isClosed = true }
        signalled.finish()
    }

    /// Runs all that waits; only one at a time may do so.
    func drain() async {
        while true {
            let began = ContinuousClock.now
            let batch = queue.withLock { queue -> [WriteQueue.Turn] in
                let batch = queue.waiting.next(queue.pace.batchSize)
                if batch.isEmpty { return batch }
                queue.pace.batchBegan(batch.count)
                queue.began = began
                return batch
            }
            if batch.isEmpty { return }
            await commit(batch, within: longestBatch, began: began)
        }
    }

    /// - Parameter time: what has not begun after so long is next again; nil runs all.
    private func commit(_ turns: [WriteQueue.Turn], within time: Duration?, began: ContinuousClock.Instant) async {
        let batch = turns.map(\.write)
        let outcome: Result<BatchOutcome, any Error>
        do {
            outcome = .success(
                try await store.write { transaction in
                    try self.cache.withLock { memory in
                        try Self.run(turns, within: time, in: transaction, memory: &memory, writer: self)
                    }
                })
        } catch {
            outcome = .failure(error)
        }
        let took = ContinuousClock.now - began
        let times: [Duration]? = if case .success(let outcome) = outcome { outcome.times } else { nil }
        queue.withLock { queue in
            queue.pace.batchEnded(took: took, ran: times?.reduce(.zero, +), count: times?.count)
            queue.began = nil
            guard let times else { return }
            for (turn, time) in zip(turns, times) { queue.waiting.ran(turn, isSlow: time > longestBatch / 4) }
            queue.waiting.putBack(turns, ran: times.count)
        }
        finish(Array(batch.prefix(times?.count ?? batch.count)), outcome: outcome)
    }

    /// The body of one transaction.
    ///
    /// - Parameter time: after so long no further operation begins; nil runs all.
    private static func run(
        _ batch: [WriteQueue.Turn], within time: Duration?, in transaction: StoreTransaction, memory: inout WriterMemory,
        writer: RoomWriter
    ) throws -> BatchOutcome {
        let began = ContinuousClock.now
        var times: [Duration] = []
        let now = writer.clock.now()
        let context = WriteContext(
            transaction: transaction, now: now, age: writer.age(at: now), server: writer.server, followers: writer.followers,
            memory: memory)
        // The context alone holds the rooms now: so it changes them where they are, instead of in a copy.
        memory.forgetRooms()
        defer { memory = context.memory }
        let (start, changes) = (context.memory.position, transaction.changeCount)
        do {
            var last = began
            var housekeeping = Duration.zero
            for turn in batch {
                if let time, !times.isEmpty {
                    let isOver = last - began > time || turn.kind == .housekeeping && housekeeping > housekeepingTime
                    if isOver { break }
                }
                try turn.write.run(in: context)
                let now = ContinuousClock.now
                times.append(now - last)
                if turn.kind == .housekeeping { housekeeping += now - last }
                last = now
            }
            if context.memory.position > start {
                try transaction.meta.setPosition(context.memory.position)
                try writer.history.willReach(context.memory.position, in: transaction)
            }
        } catch {
            context.forgetEverything()
            throw error
        }
        return BatchOutcome(
            times: times,
            changed: transaction.changeCount != changes ? context.now.monotonic : nil,
            commit: StreamCommit(position: context.memory.position, changes: context.changes),
            adoptions: context.adoptions, afterCommit: context.afterCommitHooks)
    }

    private func finish(_ batch: [any PendingWrite], outcome: Result<BatchOutcome, any Error>) {
        switch outcome {
        case .success(let outcome):
            // A transaction without a change says nothing of the disk.
            if let changed = outcome.changed {
                lastWriteFailed.store(false, ordering: .relaxed)
                lastWrite.store(changed.nanoseconds, ordering: .relaxed)
            }
            let hasMoved = cache.withLock { memory in
                defer { memory.committed = outcome.commit.position }
                return outcome.commit.position > memory.committed
            }
            if hasMoved { history.hasReached() }
            // In this order: whoever is woken by the commit finds every memory as the commit left it.
            for adopt in outcome.adoptions { adopt() }
            notifier.publish(outcome.commit) { clock.now().monotonic }
            for hook in outcome.afterCommit { hook() }
            for write in batch { write.complete(nil) }
        case .failure(let error):
            lastWriteFailed.store(true, ordering: .relaxed)
            logger.error("a write failed", metadata: ["operations": "\(batch.count)", "reason": "\(error)"])
            // What the rooms looked like before the batch is in the store: memory forgets them and reads them again. The positions
            // of the batch were told to nobody, and none may be told that the disk does not know.
            cache.withLock { memory in
                memory.forgetRooms()
                memory.position = memory.committed
            }
            // Newest first: where two operations changed one thing in memory, the older one puts back what was there before both.
            for write in batch.reversed() { write.complete(WriteError(error)) }
        }
    }
}

/// What one transaction did.
struct BatchOutcome: Sendable {
    /// How long each of its operations took, of those that ran; the rest is the disk's.
    let times: [Duration]
    /// When it began, if it changed anything.
    let changed: MonotonicTime?
    let commit: StreamCommit
    /// Has memories take over what the transaction changed.
    let adoptions: [@Sendable () -> Void]
    let afterCommit: [@Sendable () -> Void]
}

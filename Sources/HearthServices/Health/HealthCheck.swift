import HearthRuntime
import HearthStore
import MatrixModel
public import ServiceLifecycle
import Synchronization

/// Whether the server can do its work.
public enum Health: Sendable, Equatable {
    case ok
    /// Nothing can be changed: the disk is full or failing, or the writer does not keep up.
    case cannotWrite
    case cannotRead
    case shuttingDown
}

/// Asks the server's own parts whether they work, as a request would: an operation of the writer that is committed, and a read.
///
/// The cycle: whoever asks has the two loops look, unless what they found is fresh, and waits until both have, or one takes too long:
/// whatever the disk does, an answer takes less than a second. Whoever asks may do so without being known, so that the parts are asked
/// once a second at most, one question each at a time. The operation changes something on the disk unless others' did in the last
/// ten seconds and none failed since: a disk that is full is found out, be anybody writing or not. Likewise nothing is read where a read of
/// others ended in the last ten seconds: readers that are all busy for a while are no fault.
/// State: guarded by its lock.
public final class HealthCheck: Service {
    /// After how long without a change on the disk, or without a read, it is tried.
    static let proofHolds: Duration = .seconds(10)

    private let store: Store
    private let clock: any ServerClock
    private let writer: RoomWriter
    private let timeouts: Timeouts
    private let readProofHolds: Duration
    private let writeAlarm: Alarm
    private let readAlarm: Alarm
    private let state = Mutex(State())

    private struct State: Sendable {
        var write = HealthQuestion(overdue: .cannotWrite)
        var read = HealthQuestion(overdue: .cannotRead)
        /// Those who wait, and when each came.
        var waiting: [ObjectIdentifier: (waker: Waker, came: MonotonicTime)] = [:]
        var isShutDown = false

        /// Nil while it is not known.
        ///
        /// - Parameter came: when whoever asks did.
        func health(at now: MonotonicTime, toWhoCame came: MonotonicTime) -> Health? {
            if isShutDown { return .shuttingDown }
            let (written, read) = (write.answer(at: now, toWhoCame: came), read.answer(at: now, toWhoCame: came))
            if let written, written != .ok { return written }
            if let read, read != .ok { return read }
            return written == nil || read == nil ? nil : .ok
        }

        /// Those who wait for what is known by now.
        func answered(at now: MonotonicTime) -> [Waker] {
            waiting.values.filter { health(at: now, toWhoCame: $0.came) != nil }.map(\.waker)
        }
    }

    convenience init(store: Store, clock: any ServerClock, writer: RoomWriter, timeouts: Timeouts) {
        self.init(store: store, clock: clock, writer: writer, timeouts: timeouts, readProofHolds: Self.proofHolds)
    }

    init(store: Store, clock: any ServerClock, writer: RoomWriter, timeouts: Timeouts, readProofHolds: Duration) {
        self.store = store
        self.clock = clock
        self.writer = writer
        self.timeouts = timeouts
        self.readProofHolds = readProofHolds
        writeAlarm = Alarm(clock: clock)
        readAlarm = Alarm(clock: clock)
    }

    /// The server's health, at most a second old when it is asked for, in less than a second.
    public func health() async -> Health {
        let waker = Waker()
        let came = clock.now().monotonic
        let (known, answered) = state.withLock { state -> (Health?, [Waker]) in
            if writer.hasFailed { state.write.doubt() }
            var answered: [Waker] = []
            if isReadingProven {
                let wasAsked = state.read.isAsked
                state.read.answered(.ok, at: came)
                if wasAsked { answered = state.answered(at: came) }
            }
            if let health = state.health(at: came, toWhoCame: came) { return (health, answered) }
            state.waiting[ObjectIdentifier(waker)] = (waker, came)
            state.write.ask(at: came)
            state.read.ask(at: came)
            return (nil, answered)
        }
        for waker in answered { waker.wake(.news) }
        if let known { return known }
        writeAlarm.ring()
        readAlarm.ring()
        let timeout = timeouts.wake(waker, after: HealthQuestion.patience)
        await waker.next()
        timeouts.cancel(timeout)
        return state.withLock { state in
            state.waiting[ObjectIdentifier(waker)] = nil
            // Woken by its time-out or by both answers, it is known; unless all was well until the writer failed just now.
            return state.health(at: clock.now().monotonic, toWhoCame: came) ?? .cannotWrite
        }
    }

    /// What the questions under way come to if they are not answered in time.
    var unanswered: [Health] {
        state.withLock { state in [state.write, state.read].filter(\.isAsked).map(\.overdue) }
    }

    /// Ends ``run()``.
    public func stop() {
        let wakers = state.withLock { state in
            state.isShutDown = true
            return state.waiting.values.map(\.waker)
        }
        for waker in wakers { waker.wake(.shutdown) }
        writeAlarm.silence()
        readAlarm.silence()
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            // Each in a loop of its own: the one that hangs must not keep the other from being known.
            await withDiscardingTaskGroup { group in
                group.addTask { [self] in await answer(\.write, when: writeAlarm) { await write() } }
                group.addTask { [self] in await answer(\.read, when: readAlarm) { await read() } }
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private func answer(
        _ question: any WritableKeyPath<State, HealthQuestion> & Sendable, when alarm: Alarm, _ look: () async -> Health
    ) async {
        await TimedLoop(alarm).run {
            if state.withLock({ $0[keyPath: question].isAsked }) {
                let health = await look()
                let wakers = state.withLock { state -> [Waker] in
                    let now = clock.now().monotonic
                    state[keyPath: question].answered(health, at: now)
                    return state.answered(at: now)
                }
                for waker in wakers { waker.wake(.news) }
            }
            return .sleep(nil)
        }
    }

    private func write() async -> Health {
        let isProven =
            !writer.hasFailed
            && clock.now().monotonic < writer.lastWritten.advanced(by: Self.proofHolds)
        do {
            try await writer.perform { context in
                if !isProven { try context.transaction.meta.probe() }
            }
            return .ok
        } catch {
            return error as? WriteError == .shuttingDown ? .shuttingDown : .cannotWrite
        }
    }

    private var isReadingProven: Bool { store.lastRead.map { ContinuousClock.now - $0 < readProofHolds } ?? false }

    private func read() async -> Health {
        do {
            _ = try await store.read { try $0.meta.position() }
            return .ok
        } catch {
            return .cannotRead
        }
    }
}

import DequeModule
import HeapModule
import HearthRuntime
import HearthStore
import MatrixModel
import Synchronization

/// The follow-ups that are not done, each once however often it came to be needed: who comes again begins again.
///
/// One whose step failed waits, the longer the more often it failed, and the others go on.
///
/// State: guarded by its lock.
final class FollowUpQueue: Sendable {
    struct Pending: Sendable {
        let followUp: FollowUp
        var cursor: FollowUp.Cursor?
        /// What the store calls this need of it, so that a later need is not struck out with an earlier one; and what it needs to know.
        let generation: String
        /// How often the step failed that is next.
        var failures = 0
        /// When it is tried again; nil while it has its place among those that are due.
        fileprivate(set) var notBefore: MonotonicTime?

        init(followUp: FollowUp, cursor: FollowUp.Cursor?, generation: String) {
            self.followUp = followUp
            self.cursor = cursor
            self.generation = generation
        }
    }

    /// What there is to do.
    enum Next: Sendable {
        case step(Pending)
        /// Nothing before this time has passed, or before the alarm rings; nil waits for the alarm alone.
        case wait(Duration?)
    }

    private struct State: Sendable {
        var order: Deque<FollowUp> = []
        var pending: [FollowUp: Pending] = [:]
        /// Those that failed. An entry holds while its follow-up still waits for that very time.
        var delayed: Heap<Delayed> = []
    }

    private struct Delayed: Comparable, Sendable {
        let until: MonotonicTime
        let followUp: FollowUp

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.until < rhs.until }
        static func == (lhs: Self, rhs: Self) -> Bool { lhs.until == rhs.until }
    }

    /// How long one waits after its first failure, and at most: twice as long each time.
    static let shortestPause: Duration = .seconds(5)
    static let longestPause: Duration = .seconds(300)

    /// Rung whenever something is added.
    let alarm: Alarm
    private let state: Mutex<State>

    /// Takes up what was not done when the server stopped.
    init(store: Store, clock: any ServerClock) throws {
        alarm = Alarm(clock: clock)
        var state = State()
        for (name, generation) in try store.readNow({ try $0.meta.unfinished() }) {
            guard let followUp = FollowUp(storedName: name) else { continue }
            state.order.append(followUp)
            state.pending[followUp] = Pending(followUp: followUp, cursor: nil, generation: generation)
        }
        self.state = Mutex(state)
    }

    var count: Int { state.withLock { $0.pending.count } }

    /// Adds what a commit left to be done.
    func add(_ pending: Pending) {
        state.withLock { state in
            let before = state.pending.updateValue(pending, forKey: pending.followUp)
            if before == nil || before?.notBefore != nil { state.order.append(pending.followUp) }
        }
        alarm.ring()
    }

    /// Takes the first step of a follow-up in this operation, and leaves the others to ``FollowUps``.
    ///
    /// - Returns: whether anything was left.
    func begin(
        _ followUp: FollowUp, in context: WriteContext, firstStep: () throws -> FollowUp.Cursor?
    ) throws -> Bool {
        guard let cursor = try firstStep() else { return false }
        try leave(followUp, from: cursor, generation: "\(context.nextPosition().rawValue)", in: context)
        return true
    }

    /// Remembers what is to be done after the commit, in the store too where it must not be lost.
    func leave(_ followUp: FollowUp, from cursor: FollowUp.Cursor, generation: String, in context: WriteContext) throws {
        if let name = followUp.storedName { try context.transaction.meta.noteUnfinished(name, generation: generation) }
        context.afterCommit { [self] in add(Pending(followUp: followUp, cursor: cursor, generation: generation)) }
    }

    /// Takes out what is next.
    func next(at now: MonotonicTime) -> Next {
        state.withLock { state in
            while let first = state.delayed.min, first.until <= now {
                state.delayed.removeMin()
                guard state.pending[first.followUp]?.notBefore == first.until else { continue }
                state.pending[first.followUp]?.notBefore = nil
                state.order.append(first.followUp)
            }
            if let followUp = state.order.popFirst(), let pending = state.pending.removeValue(forKey: followUp) {
                return .step(pending)
            }
            return .wait(state.delayed.min.map { $0.until.duration(since: now) })
        }
    }

    /// Puts back what failed; it is tried again after a while, unless it was added anew in the meantime.
    func putBack(failed pending: Pending, at now: MonotonicTime) {
        var pending = pending
        let pause = min(Self.shortestPause * (1 << min(pending.failures, 8)), Self.longestPause)
        let until = now.advanced(by: pause)
        pending.failures += 1
        pending.notBefore = until
        state.withLock { [pending] state in
            guard state.pending[pending.followUp] == nil else { return }
            state.pending[pending.followUp] = pending
            state.delayed.insert(Delayed(until: until, followUp: pending.followUp))
        }
    }

    /// Puts what is not done behind the others, unless it was added anew in the meantime.
    func putBack(_ pending: Pending) {
        state.withLock { state in
            guard state.pending[pending.followUp] == nil else { return }
            state.pending[pending.followUp] = pending
            state.order.append(pending.followUp)
        }
    }
}

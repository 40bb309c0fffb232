import DequeModule
import HearthStore
import Synchronization

/// The follow-ups that are not done, each once however often it came to be needed: who comes again begins again.
///
/// State: guarded by its lock.
final class FollowUpQueue: Sendable {
    struct Pending: Sendable {
        let followUp: FollowUp
        var cursor: FollowUp.Cursor?
        /// What the store calls this need of it, so that a later need is not struck out with an earlier one.
        let generation: String
    }

    private struct State: Sendable {
        var order: Deque<FollowUp> = []
        var pending: [FollowUp: Pending] = [:]
    }

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
            if state.pending.updateValue(pending, forKey: pending.followUp) == nil { state.order.append(pending.followUp) }
        }
        alarm.ring()
    }

    /// Takes out what is next.
    func next() -> Pending? {
        state.withLock { state in
            guard let followUp = state.order.popFirst() else { return nil }
            return state.pending.removeValue(forKey: followUp)
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

import HearthRuntime
public import MatrixModel
public import SubscriptionCore
import Synchronization

/// Tells waiting requests that something new is committed; guards the ``SubscriptionEngine``.
///
/// A wake-up carries a position at most, never data: the woken request asks what is new for it. Waiting is in two steps, first
/// register (``Waiting``), then look: a commit in between finds the waiter there.
public final class StreamNotifier: Sendable {
    private let state: Mutex<State>

    private struct State: Sendable {
        var engine: SubscriptionEngine
        var wakers: [WaiterID: Waker] = [:]
        var lastWaiter: UInt64 = 0
        var isShutDown = false
    }

    public init(engine: SubscriptionEngine) {
        state = Mutex(State(engine: engine))
    }

    /// Asks the engine, under its lock: be brief.
    public func ask<Value: Sendable>(_ question: @Sendable (borrowing SubscriptionEngine) -> Value) -> Value {
        state.withLock { question($0.engine) }
    }

    /// Changes what is no commit, such as taking out expired peeks.
    public func update<Value: Sendable>(_ change: @Sendable (inout SubscriptionEngine) -> Value) -> Value {
        state.withLock { change(&$0.engine) }
    }

    /// Takes over a commit, then wakes whom it concerns.
    ///
    /// - Parameter time: tells when it was committed; asked only where somebody waits for it.
    func publish(_ commit: StreamCommit, at time: () -> MonotonicTime) {
        let wakers = state.withLock { state -> [Waker] in
            state.engine.apply(commit).compactMap { state.wakers[$0] }
        }
        if wakers.isEmpty { return }
        Waker.wake(wakers, WakeUp(reason: .news, newsTime: time()))
    }

    /// Takes over who is typing in a room, then wakes whom it concerns.
    public func typingChanged(in room: RoomID, to users: [UserID]) {
        let wakers = state.withLock { state -> [Waker] in
            state.engine.setTyping(users, in: room).compactMap { state.wakers[$0] }
        }
        Waker.wake(wakers, WakeUp(reason: .news))
    }

    /// A user seems to type nowhere any more; wakes whom it concerns.
    func endTyping(of user: UserID) {
        let wakers = state.withLock { state -> [Waker] in
            state.engine.endTyping(of: user).compactMap { state.wakers[$0] }
        }
        if !wakers.isEmpty { Waker.wake(wakers, WakeUp(reason: .news)) }
    }

    /// Registers a request that may be held. It counts as waiting until ``stopWaiting(_:)``.
    ///
    /// Where a device holds more requests than it may, the oldest one's time is over now.
    func startWaiting(for device: DeviceKey, asksForProfiles: Bool = false) -> (WaiterID, Waker) {
        let waker = Waker()
        let (id, ended, isShutDown) = state.withLock { state in
            state.lastWaiter += 1
            let id = WaiterID(state.lastWaiter)
            let ended = state.engine.wait(id, for: device, asksForProfiles: asksForProfiles)
            state.wakers[id] = waker
            return (id, ended.flatMap { state.wakers[$0] }, state.isShutDown)
        }
        ended?.wake(.timedOut)
        if isShutDown { waker.wake(.shutdown) }
        return (id, waker)
    }

    /// Whether news of presence alone leave the request asleep.
    func setPaced(_ id: WaiterID, _ isPaced: Bool) { state.withLock { $0.engine.setPaced(id, isPaced) } }

    func stopWaiting(_ id: WaiterID) {
        state.withLock { state in
            state.engine.stopWaiting(id)
            state.wakers[id] = nil
        }
    }

    /// Answers every held request now, and all that come later at once.
    public func shutDown() {
        let wakers = state.withLock { state -> [Waker] in
            state.isShutDown = true
            return Array(state.wakers.values)
        }
        Waker.wake(wakers, WakeUp(reason: .shutdown))
    }

    /// Whether the server stops.
    var isShutDown: Bool { state.withLock(\.isShutDown) }

    /// The position of the last commit.
    public var position: StreamPosition { state.withLock { $0.engine.position } }

    public var heldCount: Int { state.withLock { $0.wakers.count } }
}

public import HearthRuntime
public import MatrixModel
public import ServiceLifecycle
import SubscriptionCore
import Synchronization

/// Keeps who is typing, and wakes those who see it.
///
/// The cycle: a fact goes into the ``TypingBoard``; where it changes a room's list, the notifier takes the list over. Both happen under
/// the board's lock, so that two lists of one room never overtake each other. ``run()`` ends what nobody ended.
public final class TypingService: Service, AccountFollower {
    private let notifier: StreamNotifier
    private let clock: any ServerClock
    private let alarm: Alarm
    private let board = Mutex(TypingBoard())
    private let activityHappened: @Sendable (DeviceKey) -> Void

    /// - Parameter activityHappened: told of every device whose user began to type or goes on.
    public init(notifier: StreamNotifier, clock: any ServerClock, activityHappened: @escaping @Sendable (DeviceKey) -> Void) {
        self.notifier = notifier
        self.clock = clock
        self.activityHappened = activityHappened
        alarm = Alarm(clock: clock)
    }

    /// A device's user types for a while: at most ``TypingBoard/longestTimeout``, which is also meant by nil.
    ///
    /// - Throws: ``RoomError/forbidden(_:)`` where the user has not joined the room.
    public func typed(in room: RoomID, by device: DeviceKey, for timeout: Duration?) throws(RoomError) {
        try requireJoined(device.user, in: room)
        let now = clock.now().monotonic
        change { $0.typed(device, in: room, for: timeout ?? TypingBoard.longestTimeout, now: now).map { [room: $0] } }
        activityHappened(device)
    }

    /// A device's user says not to type any more. Clients say so by themselves: it is no activity.
    ///
    /// - Throws: ``RoomError/forbidden(_:)`` where the user has not joined the room.
    public func stopped(in room: RoomID, by device: DeviceKey) throws(RoomError) {
        try requireJoined(device.user, in: room)
        ended(device.user, in: room)
    }

    public func deviceEnds(_ device: DeviceKey, in context: WriteContext) {
        context.afterCommit { [self] in change { $0.loggedOut(device) } }
    }

    /// A user has sent what was typed.
    func ended(_ user: UserID, in room: RoomID) {
        change { $0.stopped(user, in: room).map { [room: $0] } }
    }

    private func requireJoined(_ user: UserID, in room: RoomID) throws(RoomError) {
        guard notifier.ask({ $0.isJoined(user, in: room) }) else { throw .notInRoom }
    }

    private func change(_ change: (inout TypingBoard) -> [RoomID: [UserID]]?) {
        let isEarlier = board.withLock { board in
            let before = board.nextDeadline
            // Whoever left a room, or began to appear offline, had the end told with the commit that said so.
            for (room, users) in notifier.update({ $0.takeDepartedTypists() }) {
                for user in users { _ = board.stopped(user, in: room) }
            }
            for (room, users) in change(&board) ?? [:] { notifier.typingChanged(in: room, to: users) }
            guard let after = board.nextDeadline else { return false }
            return before.map { after < $0 } ?? true
        }
        if isEarlier { alarm.ring() }
    }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    public func run() async throws {
        await TimedLoop(alarm).run {
            let now = clock.now().monotonic
            change { $0.takeExpired(by: now) }
            let next = board.withLock { $0.nextDeadline }
            return .sleep(next.map { $0.duration(since: clock.now().monotonic) })
        }
    }
}

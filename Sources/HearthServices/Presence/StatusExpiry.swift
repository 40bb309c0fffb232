import HearthRuntime
import HearthStore
import Logging
import MatrixModel
import RoomRules
public import ServiceLifecycle
import SubscriptionCore

/// Clears statuses when their time (`io.hearth.expires_ts`) is over, also when that was while the server was down.
///
/// It looks once a second at the soonest expiry: people set a status to the minute, and a wall clock that is set never goes unnoticed.
/// The owner is the sender of the empty status, as of every other. Where many end at once, as at midnight, some go into one operation of the
/// writer, with others' operations in between. What could not be written is due again some seconds later.
public final class StatusExpiry: Service {
    private static let interval: Duration = .seconds(1)

    private let clock: any ServerClock
    private let writer: RoomWriter
    private let notifier: StreamNotifier
    private let logger: Logger
    private let alarm: Alarm

    init(clock: any ServerClock, writer: RoomWriter, notifier: StreamNotifier, logger: Logger) {
        self.clock = clock
        self.writer = writer
        self.notifier = notifier
        self.logger = logger
        alarm = Alarm(clock: clock)
    }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    public func run() async throws {
        await TimedLoop(alarm).run { await clearNext() == 0 ? .sleep(Self.interval) : .turn }
    }

    /// Clears the next statuses whose time is over, in one operation; returns how many were due.
    func clearNext() async -> Int {
        let now = clock.now().wall
        let due = notifier.update { $0.statusesDue(by: now) }
        if due.isEmpty { return 0 }
        do {
            try await writer.perform { context in
                for user in due {
                    try context.passingOver(user) {
                        guard let room = try context.profileRoom(of: user), try context.room(room) != nil else { return }
                        // A newer status may have come in between.
                        let expires = try context.state(.status, in: room)?.content[StatusContent.expiryKey]?.integerValue
                        guard let expires, expires <= now.milliseconds else { return }
                        try context.setStatus(StatusContent(checking: [:]), of: user)
                    }
                }
            }
        } catch {
            logger.warning("statuses could not be cleared; they are at the next try", metadata: ["reason": "\(error)"])
        }
        return due.count
    }
}

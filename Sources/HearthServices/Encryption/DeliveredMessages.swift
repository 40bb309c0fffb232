import HearthRuntime
import HearthStore
import MatrixModel
public import ServiceLifecycle
import SubscriptionCore
import Synchronization

/// Deletes messages to devices once the device has them: once it syncs from a token after them.
///
/// The cycle: a sync notes how far its device has got; a little later all that was noted is deleted in one write operation, so that
/// no sync ever waits for it. What is lost here (by a crash, a full disk) is noted again by the device's next sync.
///
/// State: `waiting` is guarded by its lock.
public final class DeliveredMessages: Service {
    /// How long notes are collected.
    static let pause: Duration = .milliseconds(250)
    /// How many devices may wait; the next sync of one that found no place finds another.
    static let mostWaiting = 50_000

    private let clock: any ServerClock
    private let writer: RoomWriter
    private let notifier: StreamNotifier
    private let alarm: Alarm
    private let waiting = Mutex<[DeviceKey: StreamPosition]>([:])

    init(clock: any ServerClock, writer: RoomWriter, notifier: StreamNotifier) {
        self.clock = clock
        self.writer = writer
        self.notifier = notifier
        alarm = Alarm(clock: clock)
    }

    /// A device syncs from a token: it has got what was sent to it up to there.
    func synced(_ device: DeviceKey, since: SyncToken) {
        guard notifier.ask({ $0.hasDelivered(to: device, upTo: since.delivered) }) else { return }
        let isFirst = waiting.withLock { waiting in
            guard waiting[device] != nil || waiting.count < Self.mostWaiting else { return false }
            waiting[device] = max(waiting[device] ?? .zero, since.delivered)
            return waiting.count == 1
        }
        if isFirst { alarm.ring() }
    }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    public func run() async throws {
        await TimedLoop(alarm).run(first: .sleep(nil)) {
            await alarm.wait(for: Self.pause)
            await deleteDelivered()
            return .sleep(nil)
        }
        await deleteDelivered()
    }

    /// Deletes all that was noted so far.
    func deleteDelivered() async {
        let delivered = waiting.withLock { waiting in
            defer { waiting.removeAll() }
            return waiting
        }
        if delivered.isEmpty { return }
        do {
            try await writer.perform(as: .housekeeping) { context in
                for (device, position) in delivered {
                    try context.transaction.toDevice.delete(to: device, upTo: position)
                    context.tell(.deletedToDevice(device, upTo: position))
                }
            }
        } catch {
            // The writer tells the operator; the devices' next syncs note the same again.
        }
    }
}

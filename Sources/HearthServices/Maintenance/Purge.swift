import HearthStore
public import Logging
import MatrixModel
public import ServiceLifecycle
import SubscriptionCore

/// How long what has an end is kept.
public struct PurgeSettings: Sendable {
    /// Superseded lane events (`presence.retention`).
    public var laneRetention: Duration
    /// How often the purge runs.
    public var interval: Duration

    public init(laneRetention: Duration = .seconds(3600), interval: Duration = .seconds(300)) {
        self.laneRetention = laneRetention
        self.interval = interval
    }
}

/// Deletes what is over: superseded presence, old transaction ids, unused filters, ended peeks, expired registration tokens, media
/// ids whose content never came, and the
/// oldest of too many messages to a device that never syncs.
public final class Purge: Service {
    static let transactionLifetime: Duration = .seconds(7 * 24 * 3600)
    static let filterLifetime: Duration = .seconds(90 * 24 * 3600)
    static let endedPeekLifetime: Duration = .seconds(24 * 3600)
    /// How many lane events one transaction deletes: other writes get their turn in between.
    static let step = 1_000

    private let writer: RoomWriter
    private let settings: PurgeSettings
    private let logger: Logger
    private let alarm: Alarm

    public init(writer: RoomWriter, settings: PurgeSettings, logger: Logger) {
        self.writer = writer
        self.settings = settings
        self.logger = logger
        alarm = Alarm(clock: writer.clock)
    }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !alarm.isSilenced {
                await alarm.wait(for: settings.interval)
                if alarm.isSilenced { return }
                do {
                    try await purge()
                } catch {
                    logger.warning("the purge failed; it runs again later", metadata: ["reason": "\(error)"])
                }
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    /// Deletes everything that is over now.
    public func purge() async throws {
        let retention = settings.laneRetention
        try await writer.perform { context in
            let now = context.now.wall
            try context.transaction.transactions.purge(before: now.advanced(by: .zero - Self.transactionLifetime))
            try context.transaction.filters.purge(unusedSince: now.advanced(by: .zero - Self.filterLifetime))
            try context.transaction.peeks.purge(endedAndExpiredBefore: now.advanced(by: .zero - Self.endedPeekLifetime))
            try context.transaction.registrationTokens.purge(expiredBefore: now)
            try context.transaction.media.purge(unusedExpiredBefore: now)
            try context.transaction.toDevice.purgeTransactions(before: now.advanced(by: .zero - Self.transactionLifetime))
            for (device, position) in try context.transaction.toDevice.overfull(beyond: ToDeviceService.mostWaiting) {
                try context.transaction.toDevice.delete(to: device, upTo: position)
                context.tell(.deletedToDevice(device, upTo: position))
            }
        }
        while try await writer.perform({ context in
            try context.transaction.events.purgeSupersededLane(
                before: context.now.wall.advanced(by: .zero - retention), limit: Self.step)
        }) == Self.step {}
    }
}

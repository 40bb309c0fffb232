import HearthRuntime
import HearthStore
import Logging
import MatrixModel
public import ServiceLifecycle
import SubscriptionCore

/// How long what has an end is kept.
public struct PurgeSettings: Sendable {
    /// Superseded lane events (`presence.retention`).
    public var laneRetention: Duration
    /// How long a peek lives unless it is renewed (`peek.lifetime`).
    public var peekLifetime: Duration
    /// How long a media id waits for its content.
    public var unusedMediaLifetime: Duration
    /// How often the purge runs.
    public var interval: Duration

    public init(
        laneRetention: Duration = .seconds(3600), peekLifetime: Duration = PeekSettings().lifetime,
        unusedMediaLifetime: Duration = .seconds(24 * 3600), interval: Duration = .seconds(300)
    ) {
        self.laneRetention = laneRetention
        self.peekLifetime = peekLifetime
        self.unusedMediaLifetime = unusedMediaLifetime
        self.interval = interval
    }
}

/// Deletes what is over: superseded presence, old transaction ids, unused filters, ended peeks, expired registration tokens, and media
/// ids whose content never came.
///
/// It believes no clock that a person or a network may set. Each round leaves a mark (``ClockMark``): where the stream is, and how old the
/// server is by its monotonic clock. What lies before the mark of an hour ago is an hour old, whatever it says of itself. Where rows have an
/// end by the wall clock, they go once that has passed by every reading of the last day. And what a clock that was ahead dated ahead is brought
/// back once every reading of the last day says that it was.
public final class Purge: Service {
    /// For how long every reading of the wall clock must agree before anything is done for it.
    static let clockIsBelievedAfter: Duration = .seconds(24 * 3600)
    /// How far the wall clock may fall behind the monotonic one before it was set back.
    static let clockTolerance: Duration = .seconds(60)
    static let transactionLifetime: Duration = .seconds(7 * 24 * 3600)
    static let filterLifetime: Duration = .seconds(90 * 24 * 3600)
    static let endedPeekLifetime: Duration = .seconds(24 * 3600)
    /// How many rows one transaction looks at or deletes: other writes get their turn in between.
    static let step = 1_000

    private let clock: any ServerClock
    private let writer: RoomWriter
    private let settings: PurgeSettings
    private let logger: Logger
    private let alarm: Alarm

    init(clock: any ServerClock, writer: RoomWriter, settings: PurgeSettings, logger: Logger) {
        self.clock = clock
        self.writer = writer
        self.settings = settings
        self.logger = logger
        alarm = Alarm(clock: clock)
    }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    /// Purges again and again, and leaves a mark with the writer's last transaction.
    public func run() async throws {
        writer.beforeItEnds(catchesUp: false) { try Self.leaveMark(in: $0) }
        await TimedLoop(alarm).run(first: .sleep(settings.interval)) {
            do {
                try await purge()
            } catch {
                logger.warning("the purge failed; it runs again later", metadata: ["reason": "\(error)"])
            }
            return .sleep(settings.interval)
        }
    }

    /// Deletes everything that is over now.
    public func purge() async throws {
        let settings = settings
        let end = try await writer.perform(as: .housekeeping) { context -> StreamPosition? in
            try Self.followClock(settings: settings, in: context)
            try Self.purgeRows(in: context)
            let marks = context.transaction.clockMarks
            try marks.purge(before: context.ago(max(settings.laneRetention, Self.clockIsBelievedAfter, Self.endedPeekLifetime)))
            return try marks.position(at: context.ago(settings.laneRetention))
        }
        for step in Self.agingRows {
            while try await writer.perform(as: .housekeeping, step) {}
        }
        guard let end else { return }
        var next: StreamPosition? = .zero
        while let after = next {
            next = try await writer.perform(as: .housekeeping) { context in
                try context.transaction.events.purgeSupersededLane(after: after, upTo: end, limit: Self.step)
            }
        }
    }

    private static func leaveMark(in context: WriteContext) throws {
        try context.transaction.clockMarks.insert(
            ClockMark(age: context.age, position: context.memory.position, wall: context.now.wall))
    }

    /// Leaves this round's mark. Once no reading of the last day is of a clock that was ahead any more, nothing may lie further ahead than if
    /// it were made now.
    private static func followClock(settings: PurgeSettings, in context: WriteContext) throws {
        let marks = context.transaction.clockMarks
        let since = try marks.newest()?.age.advanced(by: .zero - clockIsBelievedAfter)
        let before = try since.flatMap { try marks.readings(at: context.age, since: $0)?.upperBound }
        try leaveMark(in: context)
        guard let before, let latest = try marks.readings(at: context.age, since: context.ago(clockIsBelievedAfter))?.upperBound,
            latest < before.advanced(by: .zero - clockTolerance)
        else { return }
        try context.transaction.devices.setContacts(notAfter: latest)
        try context.transaction.media.shortenUnused(to: latest.advanced(by: settings.unusedMediaLifetime))
        let end = latest.advanced(by: settings.peekLifetime)
        for peek in try context.transaction.peeks.live(expiringAfter: end) {
            try context.transaction.peeks.renew(started: peek.started, until: end)
            context.tell(.peekRenewed(peek.device, peek.room, expires: end))
        }
    }

    /// What goes a step at a time; each returns whether there may be more.
    private static let agingRows: [@Sendable (WriteContext) throws -> Bool] = [
        { try $0.transaction.transactions.purge(before: $0.ago(transactionLifetime), at: $0.age, limit: step) },
        { try $0.transaction.toDevice.purgeTransactions(before: $0.ago(transactionLifetime), at: $0.age, limit: step) },
        { try $0.transaction.filters.purge(unusedSince: $0.ago(filterLifetime), at: $0.age, limit: step) },
        { context in
            guard let end = try context.transaction.clockMarks.position(at: context.ago(endedPeekLifetime)) else { return false }
            return try context.transaction.peeks.purge(endedUpTo: end, limit: step)
        },
    ]

    private static func purgeRows(in context: WriteContext) throws {
        let store = context.transaction
        if let believed = try store.clockMarks.readings(at: context.age, since: context.ago(clockIsBelievedAfter))?.lowerBound {
            try store.registrationTokens.purge(expiredBefore: believed)
            try store.media.purge(unusedExpiredBefore: believed)
        }
    }
}

extension WriteContext {
    /// The server's age a while ago.
    fileprivate func ago(_ duration: Duration) -> ServerAge { age.advanced(by: .zero - duration) }
}

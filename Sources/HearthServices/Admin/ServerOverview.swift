public import HearthRuntime
import HearthStore
public import MatrixModel
import SubscriptionCore

/// How the server is doing, at one moment.
public struct ServerOverview: Sendable {
    public let version: String
    public let uptime: Duration
    /// Accounts that were not deactivated.
    public let users: Int
    /// Devices that are logged in.
    public let devices: Int
    /// Requests that are held now, waiting for news.
    public let heldSyncs: Int
    public let livePeeks: Int
    /// Devices with at least one live peek.
    public let watchingDevices: Int
    /// Published changes of presence a second: in the last whole second, and over the last minute.
    public let transitionsLastSecond: Double
    public let transitionsLastMinute: Double
    /// From the fact to the commit; nil before the first publication.
    public let publishLatency: DurationPercentiles?
    /// From the commit to the answer of a held request; nil before the first.
    public let wakeUpLatency: DurationPercentiles?
    /// Operations that wait for the next transaction.
    public let writerQueue: Int
    /// Bytes on the disk, the write-ahead log included.
    public let databaseBytes: Int
    public let legacy: LegacyOverview
}

/// Who still uses presence the old way, and whether it can be switched off.
public struct LegacyOverview: Sendable {
    public let verdict: LegacyVerdict
    /// When the old way ends; nil while that is open.
    public let sunset: MatrixTimestamp?
    /// Uses are counted from here on.
    public let countedSince: MatrixTimestamp
    public let lastUse: MatrixTimestamp?
    /// By client, the most frequent first.
    public let clients: [LegacyUseTable.Entry]
}

/// Puts the operator's overview together from those who know.
public struct ServerWatch: Sendable {
    let version: String
    let started: Now
    let store: Store
    let clock: any ServerClock
    let writer: RoomWriter
    let notifier: StreamNotifier
    let accounts: AccountService
    let legacy: LegacyUse
    let metrics: ServerMetrics

    init(
        version: String, store: Store, clock: any ServerClock, writer: RoomWriter, notifier: StreamNotifier,
        accounts: AccountService, legacy: LegacyUse,
        metrics: ServerMetrics
    ) {
        self.version = version
        self.store = store
        self.clock = clock
        self.writer = writer
        self.notifier = notifier
        self.accounts = accounts
        self.legacy = legacy
        self.metrics = metrics
        started = clock.now()
    }

    /// - Throws: ``AccountError`` where the accounts cannot be counted.
    public func overview() async throws(AccountError) -> ServerOverview {
        let users = try await accounts.userCount()
        let now = clock.now().monotonic
        let (peeks, watching) = notifier.ask { $0.livePeeks }
        return ServerOverview(
            version: version, uptime: now.duration(since: started.monotonic), users: users, devices: accounts.tokens.count,
            heldSyncs: notifier.heldCount, livePeeks: peeks, watchingDevices: watching,
            transitionsLastSecond: metrics.transitionsPerSecond(over: 1, at: now),
            transitionsLastMinute: metrics.transitionsPerSecond(over: 60, at: now), publishLatency: metrics.publishLatency,
            wakeUpLatency: metrics.wakeUpLatency, writerQueue: writer.queueDepth, databaseBytes: store.bytesOnDisk(),
            legacy: legacyOverview)
    }

    private var legacyOverview: LegacyOverview {
        let clients = legacy.snapshot()
        return LegacyOverview(
            verdict: legacy.verdict(), sunset: legacy.policy.sunset, countedSince: legacy.countedSince,
            lastUse: clients.map(\.last).max(), clients: clients)
    }
}

public import HearthRuntime
public import Logging
public import MatrixModel
public import ServiceLifecycle
import Synchronization

/// Says whether presence is served the old way, and counts who still uses it, so that an operator sees when it is safe to switch off.
///
/// The counts live in memory and begin anew with each start; ``run()`` logs them once an hour. State: guarded by its lock.
public final class LegacyUse: Service {
    private static let logInterval: Duration = .seconds(3600)
    /// How many clients one line of the log names.
    private static let mostLogged = 10

    public let policy: LegacyPolicy
    private let clock: any ServerClock
    private let logger: Logger
    private let alarm: Alarm
    private let metrics: ServerMetrics
    /// Since when uses are counted.
    let countedSince: MatrixTimestamp
    private let table = Mutex(LegacyUseTable())

    public init(policy: LegacyPolicy, clock: any ServerClock, logger: Logger, metrics: ServerMetrics = ServerMetrics()) {
        self.policy = policy
        self.clock = clock
        self.logger = logger
        self.metrics = metrics
        countedSince = clock.now().wall
        alarm = Alarm(clock: clock)
    }

    /// Whether the old way is served at this moment.
    public var isServed: Bool { policy.isServed(at: clock.now().wall) }

    /// An answer used the old way.
    ///
    /// - Parameters:
    ///   - client: the client's `User-Agent`.
    ///   - user: whose client it is.
    public func used(by client: String?, of user: UserID) {
        let now = clock.now().wall
        table.withLock { $0.used(by: client, of: user, at: now) }
        metrics.legacyWasUsed(by: client ?? "")
    }

    /// Whether legacy presence can be switched off, judged by the uses since the start.
    public func verdict() -> LegacyVerdict {
        let now = clock.now().wall
        return LegacyVerdict(
            isServed: policy.isServed(at: now), lastUse: snapshot().map(\.last).max(), countedSince: countedSince, now: now)
    }

    /// All uses since the start, by client, the most frequent first.
    public func snapshot() -> [LegacyUseTable.Entry] { table.withLock(\.all) }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    public func run() async throws {
        var logged = 0
        await TimedLoop(alarm).run(first: .sleep(Self.logInterval)) {
            logged = log(after: logged)
            return .sleep(Self.logInterval)
        }
    }

    /// Logs the counts if they have grown; returns how many uses there were.
    private func log(after logged: Int) -> Int {
        let entries = snapshot()
        let uses = entries.reduce(0) { $0 + $1.count }
        guard uses > logged else { return uses }
        let clients = entries.prefix(Self.mostLogged).map { "\($0.client): \($0.count)" }
        logger.info(
            "clients still use legacy presence",
            metadata: [
                "uses": "\(uses)", "since_last_report": "\(uses - logged)", "clients": "\(entries.count)",
                "most_frequent": "\(clients.joined(separator: "; "))",
            ])
        return uses
    }
}

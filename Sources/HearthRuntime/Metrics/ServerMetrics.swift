public import CoreMetrics
public import MatrixModel
public import PresenceCore
import Synchronization

/// Counts what the server does: for a scraper, if there is one, and for the operator's overview always.
///
/// Shells tell it what they did, in the past tense; the cores know nothing of it. Nothing here waits: a count is one addition under a
/// short lock. Label values are bounded by construction. State: guarded by its locks.
public final class ServerMetrics: Sendable {
    /// Whether a scraper asks: if not, nothing is kept for one.
    private let isScraped: Bool
    private let factory: any MetricsFactory
    private let publishSeconds: Timer
    private let wakeUpSeconds: Timer
    /// There from the start, so that a rate can be told from the first refusal on.
    private let refusals: [RefusalReason: Counter]
    private let recent = Mutex(Recent())
    private let instruments = Mutex(Instruments())

    private struct Recent: Sendable {
        var transitions = RecentRate()
        var publishes = RecentDurations()
        var wakeUps = RecentDurations()
        /// How many users stand published with each presence.
        var standing: [Presence: Int] = [:]
    }

    /// The counters whose labels are known only when something happens, each made once.
    private struct Instruments: Sendable {
        var transitions: [Transition: Counter] = [:]
        var requests: [RequestKind: Timer] = [:]
        var legacyUses: [String: Counter] = [:]
    }

    private struct Transition: Hashable {
        let from: Presence
        let to: Presence
        let reason: EffectivePresence.Reason
    }

    private struct RequestKind: Hashable {
        let endpoint: String
        let statusClass: Int
    }

    /// Without a scraper.
    public convenience init() { self.init(factory: NOOPMetricsHandler.instance, isScraped: false) }

    public convenience init(factory: any MetricsFactory) { self.init(factory: factory, isScraped: true) }

    private init(factory: any MetricsFactory, isScraped: Bool) {
        self.factory = factory
        self.isScraped = isScraped
        publishSeconds = Timer(label: MetricName.publishSeconds, factory: factory)
        wakeUpSeconds = Timer(label: MetricName.wakeUpSeconds, factory: factory)
        refusals = Dictionary(
            uniqueKeysWithValues: RefusalReason.allCases.map { reason in
                (
                    reason,
                    Counter(label: MetricName.refusedWork, dimensions: [("reason", reason.rawValue)], factory: factory)
                )
            })
    }

    // MARK: What happened

    /// What stood published when the server started.
    package func presenceWasRestored(_ standing: [Presence: Int]) { recent.withLock { $0.standing = standing } }

    /// A user's presence was committed, so long after the fact that changed it.
    package func presenceWasPublished(
        from: Presence?, to: Presence, because reason: EffectivePresence.Reason, took: Duration, at now: MonotonicTime
    ) {
        recent.withLock { recent in
            recent.transitions.count(at: now)
            recent.publishes.record(took)
            if let from { recent.standing[from, default: 0] -= 1 }
            recent.standing[to, default: 0] += 1
        }
        guard isScraped else { return }
        publishSeconds.record(took)
        let transition = Transition(from: from ?? .offline, to: to, reason: reason)
        instruments.withLock { instruments in
            if let counter = instruments.transitions[transition] { return counter.increment() }
            let counter = Counter(
                label: MetricName.transitions,
                dimensions: [
                    ("from", transition.from.rawValue), ("to", transition.to.rawValue), ("reason", reason.rawValue),
                ], factory: factory)
            counter.increment()
            instruments.transitions[transition] = counter
        }
    }

    /// The answer of a held request was ready, so long after the commit that woke it.
    package func wokenAnswerWasReady(took: Duration) {
        recent.withLock { $0.wakeUps.record(took) }
        if isScraped { wakeUpSeconds.record(took) }
    }

    /// An answer used the old way to presence.
    package func legacyWasUsed(by client: String) {
        guard isScraped else { return }
        instruments.withLock { instruments in
            let label = ClientFamily.name(of: client)
            if let counter = instruments.legacyUses[label] { return counter.increment() }
            let counter = Counter(label: MetricName.legacyUses, dimensions: [("client", label)], factory: factory)
            counter.increment()
            instruments.legacyUses[label] = counter
        }
    }

    /// A request was told to come again.
    func workWasRefused(because reason: RefusalReason) { refusals[reason]?.increment() }

    /// A request was answered.
    ///
    /// - Parameter endpoint: method and path pattern, never the path itself: there must be few different ones.
    public func requestWasAnswered(_ endpoint: String, status: Int, took: Duration) {
        guard isScraped else { return }
        let kind = RequestKind(endpoint: endpoint, statusClass: status / 100)
        let timer = instruments.withLock { instruments in
            if let timer = instruments.requests[kind] { return timer }
            let timer = Timer(
                label: MetricName.requestSeconds, dimensions: [("endpoint", endpoint), ("status", "\(kind.statusClass)xx")],
                factory: factory)
            instruments.requests[kind] = timer
            return timer
        }
        timer.record(took)
    }

    // MARK: Lately

    /// How many changes of presence were published a second, over the last whole seconds (up to 60).
    public func transitionsPerSecond(over seconds: Int, at now: MonotonicTime) -> Double {
        recent.withLock { $0.transitions.perSecond(over: seconds, at: now) }
    }

    /// From the fact to the commit, of the last 1,024 publications.
    public var publishLatency: DurationPercentiles? { recent.withLock { $0.publishes }.percentiles }

    /// From the commit to the answer, of the last 1,024 held requests that were woken.
    public var wakeUpLatency: DurationPercentiles? { recent.withLock { $0.wakeUps }.percentiles }

    /// How many users stand published with each presence; whoever was never published is in none.
    public var standing: [Presence: Int] { recent.withLock { $0.standing } }
}

extension Timer {
    fileprivate func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

public import CoreMetrics
public import HearthRuntime
import HearthStore
import MatrixModel
import PresenceCore
import SubscriptionCore
import Synchronization

/// What can be measured at any moment, taken when a scraper asks and at no other time. State: guarded by its lock.
public final class ServerGauges: Sendable {
    private let watch: ServerWatch
    private let presence: PresenceService
    private let admission: Admission
    private let connections: @Sendable () -> Int
    private let factory: any MetricsFactory
    private let cpuSeconds: FloatingPointCounter
    private let lastCPUSeconds = Mutex(0.0)

    public init(
        watch: ServerWatch, presence: PresenceService, admission: Admission, connections: @escaping @Sendable () -> Int,
        factory: any MetricsFactory
    ) {
        self.watch = watch
        self.presence = presence
        self.admission = admission
        self.connections = connections
        self.factory = factory
        cpuSeconds = FloatingPointCounter(label: MetricName.processCPUSeconds, factory: factory)
    }

    /// Takes every measure.
    public func measure() {
        set(MetricName.requestsInFlight, admission.awakeCount)
        set(MetricName.connections, connections())
        set(MetricName.heldSyncs, watch.notifier.heldCount)
        let (peeks, devices) = watch.notifier.ask { $0.livePeeks }
        set(MetricName.livePeeks, peeks)
        set(MetricName.watchingDevices, devices)
        set(MetricName.writerQueue, watch.writer.queueDepth)
        let standing = watch.metrics.standing
        for value in Presence.allCases {
            set(MetricName.presenceUsers, max(standing[value] ?? 0, 0), [("presence", value.rawValue)])
        }
        set(MetricName.presenceDevices, presence.deviceCount)
        set(MetricName.devices, watch.accounts.tokens.count)
        set(MetricName.databaseBytes, watch.store.bytesOnDisk())
        measureProcess()
    }

    private func measureProcess() {
        let process = ProcessUse.now()
        let passed = lastCPUSeconds.withLock { last in
            defer { last = process.cpuSeconds }
            return process.cpuSeconds - last
        }
        if passed > 0 { cpuSeconds.increment(by: passed) }
        if let bytes = process.residentBytes { set(MetricName.processMemoryBytes, bytes) }
        if let count = process.openFiles { set(MetricName.processOpenFiles, count) }
        if let most = process.mostFiles { set(MetricName.processMostFiles, most) }
        set(MetricName.processStart, watch.started.wall.milliseconds / 1000)
    }

    private func set(_ name: String, _ value: some BinaryInteger, _ labels: [(String, String)] = []) {
        Meter(label: name, dimensions: labels, factory: factory).set(value)
    }
}

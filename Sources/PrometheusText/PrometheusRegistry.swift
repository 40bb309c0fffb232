public import CoreMetrics
import Synchronization

/// Keeps what is recorded through swift-metrics, and renders it as Prometheus text.
///
/// A counter is one relaxed atomic, a histogram one short lock. Asking twice for a metric of one name and the same labels gives the
/// same one. Metrics live as long as the registry: their number is bounded by whoever makes them. State: guarded by its lock.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    /// What is told of metrics by their names.
    private let descriptions: [String: MetricDescription]
    private let metrics = Mutex<[MetricID: any PrometheusMetric]>([:])

    /// - Parameter descriptions: help and buckets; a metric without one gets no help and ``MetricDescription/defaultBuckets``.
    public init(_ descriptions: [MetricDescription]) {
        self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Everything that was recorded, in the
    /// [text format](https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format), version 0.0.4.
    public func render() -> String {
        let families = Dictionary(grouping: metrics.withLock { Array($0) }, by: \.key.name)
        var text = ExpositionText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            guard let kind = family.first?.value.kind else { continue }
            text.family(name, kind: kind, help: descriptions[name]?.help)
            for (id, metric) in family.sorted(by: { $0.key.labels < $1.key.labels }) where metric.kind == kind {
                metric.write(to: &text, name: name, labels: id.labels)
            }
        }
        return text.text
    }

    private func metric<Metric: PrometheusMetric>(
        _ label: String, _ dimensions: [(String, String)], _ make: (MetricDescription?) -> Metric
    ) -> Metric {
        let id = MetricID(label: label, dimensions: dimensions)
        return metrics.withLock { metrics in
            if let known = metrics[id] as? Metric { return known }
            let metric = make(descriptions[id.name])
            // Under one name there is one kind: what comes as another later is recorded, and not shown.
            if metrics[id] == nil { metrics[id] = metric }
            return metric
        }
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        metric(label, dimensions) { _ in PrometheusCounter() }
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        metric(label, dimensions) { _ in PrometheusSum() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        metric(label, dimensions) { _ in PrometheusGauge() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return metric(label, dimensions) { _ in PrometheusGauge() } }
        return metric(label, dimensions) { PrometheusHistogram(buckets: $0?.buckets) }
    }

    /// Durations are recorded in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        metric(label, dimensions) { PrometheusHistogram(buckets: $0?.buckets) }
    }

    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    private func forget(_ handler: AnyObject) {
        metrics.withLock { metrics in metrics = metrics.filter { $0.value !== handler } }
    }
}

/// What is told of the metrics of one name.
public struct MetricDescription: Sendable {
    public let name: String
    /// One sentence.
    public let help: String
    /// The upper bounds of a histogram's buckets, ascending, without the infinite one.
    public let buckets: [Double]

    /// From half a millisecond to ten seconds.
    public static let defaultBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    public init(_ name: String, _ help: String, buckets: [Double] = Self.defaultBuckets) {
        self.name = name
        self.help = help
        self.buckets = buckets
    }
}

/// A metric's name and labels, as they are written.
struct MetricID: Hashable {
    let name: String
    /// `a="1",b="2"`, in the order in which they were given.
    let labels: String

    init(label: String, dimensions: [(String, String)]) {
        name = ExpositionText.name(label)
        labels = dimensions.map { "\(ExpositionText.name($0))=\"\(ExpositionText.escaped($1))\"" }.joined(separator: ",")
    }
}

import CoreMetrics
import Synchronization

/// Something that is recorded, and how it is written.
protocol PrometheusMetric: AnyObject, Sendable {
    var kind: ExpositionText.Kind { get }
    func write(to text: inout ExpositionText, name: String, labels: String)
}

/// Counts whole numbers up, and stays at the largest.
final class PrometheusCounter: CounterHandler, PrometheusMetric {
    private let value = Atomic<Int64>(0)

    var kind: ExpositionText.Kind { .counter }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        value.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() { value.store(0, ordering: .relaxed) }

    func write(to text: inout ExpositionText, name: String, labels: String) {
        text.sample(name, labels: labels, "\(value.load(ordering: .relaxed))")
    }
}

/// Counts up by fractions.
final class PrometheusSum: FloatingPointCounterHandler, PrometheusMetric {
    private let value = Mutex(0.0)

    var kind: ExpositionText.Kind { .counter }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(to text: inout ExpositionText, name: String, labels: String) {
        text.sample(name, labels: labels, ExpositionText.number(value.withLock { $0 }))
    }
}

/// Holds the value that was set last.
final class PrometheusGauge: MeterHandler, RecorderHandler, PrometheusMetric {
    private let value = Mutex(0.0)

    var kind: ExpositionText.Kind { .gauge }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func write(to text: inout ExpositionText, name: String, labels: String) {
        text.sample(name, labels: labels, ExpositionText.number(value.withLock { $0 }))
    }
}

/// Counts values by the bucket that they fall into, and adds them up.
final class PrometheusHistogram: TimerHandler, RecorderHandler, PrometheusMetric {
    private struct State: Sendable {
        /// Each bucket's own values; the last one is that of all larger ones.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(buckets: [Double]?) {
        let bounds = buckets ?? MetricDescription.defaultBuckets
        self.bounds = bounds
        state = Mutex(State(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    var kind: ExpositionText.Kind { .histogram }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func write(to text: inout ExpositionText, name: String, labels: String) {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total: UInt64 = 0
        for (bound, count) in zip(bounds + [.infinity], state.counts) {
            total += count
            text.sample("\(name)_bucket", labels: "\(prefix)le=\"\(ExpositionText.number(bound))\"", "\(total)")
        }
        text.sample("\(name)_sum", labels: labels, ExpositionText.number(state.sum))
        text.sample("\(name)_count", labels: labels, "\(total)")
    }
}

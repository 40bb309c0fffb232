import CoreMetrics
import Testing

@testable import PrometheusText

/// What is recorded through swift-metrics, as Prometheus reads it.
struct RegistryTests {
    @Test("counters, gauges and histograms are written with help and type, sorted, each name in one piece")
    func rendering() {
        let registry = PrometheusRegistry([
            MetricDescription("b_seconds", "How long\nit took.", buckets: [0.1, 1]), MetricDescription("a_total", "How often."),
        ])
        let timer = Timer(label: "b_seconds", factory: registry)
        for milliseconds in [50, 100, 500, 5_000] { timer.recordMilliseconds(milliseconds) }
        Counter(label: "a_total", dimensions: [("x", "2")], factory: registry).increment(by: 3)
        Counter(label: "a_total", dimensions: [("x", "1")], factory: registry).increment()
        Counter(label: "a_total", dimensions: [("x", "2")], factory: registry).increment()
        Meter(label: "c", factory: registry).set(1.5)
        FloatingPointCounter(label: "d_total", factory: registry).increment(by: 0.25)
        #expect(
            registry.render() == """
                # HELP a_total How often.
                # TYPE a_total counter
                a_total{x="1"} 1
                a_total{x="2"} 4
                # HELP b_seconds How long\\nit took.
                # TYPE b_seconds histogram
                b_seconds_bucket{le="0.1"} 2
                b_seconds_bucket{le="1"} 3
                b_seconds_bucket{le="+Inf"} 4
                b_seconds_sum 5.65
                b_seconds_count 4
                # TYPE c gauge
                c 1.5
                # TYPE d_total counter
                d_total 0.25

                """)
    }

    @Test("labels are escaped, names are made of what names may hold")
    func escaping() {
        let registry = PrometheusRegistry([])
        Counter(label: "1 wéird-name", dimensions: [("la bel", "a\\b\"c\nd é")], factory: registry).increment()
        #expect(
            registry.render() == """
                # TYPE __w__ird_name counter
                __w__ird_name{la_bel="a\\\\b\\"c\\nd é"} 1

                """)
        #expect([.infinity, -.infinity, .nan, 2, 0.0005].map(ExpositionText.number) == ["+Inf", "-Inf", "NaN", "2", "0.0005"])
    }

    @Test("one name has one kind: what comes as another is not shown, and harms nothing")
    func oneKind() {
        let registry = PrometheusRegistry([])
        Counter(label: "a", factory: registry).increment()
        Meter(label: "a", factory: registry).set(7)
        Meter(label: "a", dimensions: [("x", "1")], factory: registry).set(7)
        let lines = registry.render().split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("# TYPE") } == 1)
        #expect(lines.count == 2)
    }

    @Test("counts from many tasks at once all arrive, and a destroyed metric is gone")
    func concurrency() async {
        let registry = PrometheusRegistry([])
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        Counter(label: "a", factory: registry).increment()
                        Timer(label: "b", factory: registry).recordMilliseconds(1)
                    }
                }
            }
        }
        let text = registry.render()
        #expect(text.contains("\na 8000\n"))
        #expect(text.contains("\nb_count 8000\n"))
        Counter(label: "a", factory: registry).destroy()
        #expect(!registry.render().contains("\na "))
    }
}

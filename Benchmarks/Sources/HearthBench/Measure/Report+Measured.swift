import Figures

@BenchActor
extension Report {
    func latencies(_ name: String, _ latencies: Latencies, in benchCase: String) {
        figure("\(name) p50", latencies.percentile(50), "ms", in: benchCase)
        figure("\(name) p99", latencies.percentile(99), "ms", in: benchCase)
        figure("\(name) max", latencies.percentile(100), "ms", in: benchCase)
    }

    /// What the generator itself used meanwhile: near 100 it measures itself, not the server.
    func generator(_ measured: Measured, in benchCase: String) {
        figure("CPU of the generator", measured.ownCPU / measured.seconds / 10_000, "% of a core", in: benchCase)
    }
}

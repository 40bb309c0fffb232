import Benchmark

/// Parts of Hearth by themselves, without a server around them. Each is run in a process of its own.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput], warmupIterations: 1, scalingFactor: .kilo, maxDuration: .seconds(2))
    measureJSON()
    measureEvents()
    measureSyncAnswers()
    measureCommits()
    measureEngine()
}

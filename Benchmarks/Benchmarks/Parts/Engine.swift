import Benchmark
import Figures
import Foundation
import MatrixModel
import PresenceCore

/// The presence engine alone, on one thread: signals a second, and memory a user.
///
/// Everybody is registered and stands published offline; then some come online with a device each. A signal is one fact: a sync began or
/// ended, a PUT, an activity. What is due is published at once, as the writer would.
@Sendable func measureEngine() {
    for users in [1_000_000, 10_000_000] {
        let name = "Engine of \(users / 1_000_000) M"
        measureMemory("\(name): memory", users: users)
        // Of few devices all are in a cache when their turn comes, of many none.
        for devices in [1_000, 200_000] {
            measureSignals("\(name): polls of \(devices) devices in turn, two signals each", users: users, devices: devices) {
                $0.poll()
            }
            measureSignals("\(name): PUTs that are published, \(devices) devices in turn", users: users, devices: devices) {
                try $0.put()
            }
            measureSignals("\(name): activities of \(devices) devices in turn", users: users, devices: devices) { $0.act() }
        }
    }
}

private func measureSignals(
    _ name: String, users: Int, devices: Int, _ signal: @escaping @Sendable (EngineLoad) throws -> Void
) {
    Benchmark(name, configuration: Benchmark.defaultConfiguration.scaled(by: .mega)) { (benchmark, load: EngineLoad) throws in
        for _ in benchmark.scaledIterations { try signal(load) }
    } setup: {
        let load = EngineLoad(users: users)
        load.comeOnline(200_000)
        load.take(devices)
        return load
    }
}

/// Once each, in bytes: a process gives memory back late, if at all.
private func measureMemory(_ name: String, users: Int) {
    let atRest = BenchmarkMetric.custom("RSS a user at rest (bytes)")
    let online = BenchmarkMetric.custom("RSS a device that comes online (bytes)")
    var configuration = Benchmark.defaultConfiguration.scaled(by: .one)
    configuration.metrics = [atRest, online]
    configuration.warmupIterations = 0
    configuration.maxIterations = 1
    configuration.maxDuration = .seconds(60)
    Benchmark(name, configuration: configuration) { benchmark in
        let own = [ProcessInfo.processInfo.processIdentifier]
        func resident() throws -> Int { try ProcessUsage.now(of: own).memory * 1_024 }
        let empty = try resident()
        let load = EngineLoad(users: users)
        let restored = try resident()
        benchmark.measurement(atRest, (restored - empty) / users)
        load.prepareDevices(200_000)
        let before = try resident()
        load.comeOnline()
        benchmark.measurement(online, (try resident() - before) / 200_000)
        load.fade()
    }
}

extension Benchmark.Configuration {
    /// The same with another scale.
    func scaled(by factor: BenchmarkScalingFactor) -> Self {
        var configuration = self
        configuration.scalingFactor = factor
        return configuration
    }
}

import Figures
import Foundation

/// What happens between two looks at the machine.
struct Measured {
    let elapsed: Duration
    /// CPU of the server's processes, in microseconds.
    let cpu: Double
    /// CPU of the generator, in microseconds.
    let ownCPU: Double
    /// By how much the server's resident memory grew, in KiB.
    let memory: Int

    var seconds: Double { elapsed / .seconds(1) }

    @BenchActor
    static func run(_ server: Homeserver, _ body: @BenchActor () async throws -> Void) async throws -> Measured {
        let own = [ProcessInfo.processInfo.processIdentifier]
        let (before, ownBefore) = (try ProcessUsage.now(of: server.processes), try ProcessUsage.now(of: own))
        let start = ContinuousClock.now
        try await body()
        let elapsed = ContinuousClock.now - start
        let (after, ownAfter) = (try ProcessUsage.now(of: server.processes), try ProcessUsage.now(of: own))
        return Measured(
            elapsed: elapsed, cpu: after.cpu - before.cpu, ownCPU: ownAfter.cpu - ownBefore.cpu,
            memory: after.memory - before.memory)
    }
}

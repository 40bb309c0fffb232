import Figures

/// All devices come back at once after a restart.
@BenchActor
struct StormCase {
    var devices = 19_000

    func run(on homeserver: Homeserver, server: HearthServer, report: Report) async throws {
        let users = try await Crowd.make(devices, named: "storm", on: homeserver)
        try await Crowd.each(users, atOnce: 64) { try await $0.sync(claim: "online", filter: Watching.presenceOnly) }
        report.say("storm: \(users.count) devices know the server; it restarts")
        try await server.stop()
        for user in users { try await user.connection.close() }
        let start = ContinuousClock.now
        let again = try await server.start()
        report.figure("restart", (ContinuousClock.now - start) / .milliseconds(1), "ms", in: "storm")
        var latencies = Latencies()
        let measured = try await Measured.run(again) {
            let begin = ContinuousClock.now
            try await concurrently(users) { user in
                try await user.sync(claim: "online", filter: Watching.presenceOnly)
                latencies.note(ContinuousClock.now - begin)
            }
        }
        report.figure("until the last of \(users.count) is answered", measured.seconds * 1_000, "ms", in: "storm")
        report.latencies("answer", latencies, in: "storm")
        report.figure("CPU a reconnect", measured.cpu / Double(users.count), "us", in: "storm")
        report.generator(measured, in: "storm")
        for user in users { try await user.connection.close() }
    }
}

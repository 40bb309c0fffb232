import Figures

/// Held syncs in which nothing happens: the memory of each, and what it costs to answer with nothing and be asked again.
@BenchActor
struct IdleCase {
    var devices = 1_000
    var seconds = 10.0
    var timeout = 1_000

    /// - Parameter own: is started anew before memory is measured, since what registering has left free would hold the connections.
    func run(on server: Homeserver, own: HearthServer?, report: Report) async throws {
        var server = server
        let users = try await Crowd.make(devices, named: "idle", on: server)
        if let own {
            try await own.stop()
            for user in users { try await user.connection.close() }
            server = try await own.start()
        }
        let empty = try ProcessUsage.now(of: server.processes).memory
        for user in users { try await user.sync(claim: "online") }
        for user in users { try await user.sync(claim: "online") }
        try await Task.sleep(for: .seconds(2))
        let before = try ProcessUsage.now(of: server.processes).memory
        var polls = 0
        var isCounting = false
        let held = Held()
        let watch = Task { @BenchActor in
            try await concurrently(users) { user in
                try await user.sync(timeout: 15_000, claim: "online")
                while !held.isOver {
                    try await user.sync(timeout: timeout, claim: "online")
                    if isCounting { polls += 1 }
                }
            }
        }
        try await Task.sleep(for: .seconds(8))
        let memory = try ProcessUsage.now(of: server.processes).memory - before
        report.figure("RSS a held sync", Double(memory) / Double(users.count), "KiB", in: "idle", note: "\(users.count) held")
        if own != nil {
            report.figure(
                "RSS a held sync, its connection and user included", Double(memory + before - empty) / Double(users.count), "KiB",
                in: "idle")
        }
        try await Task.sleep(for: .seconds(12))
        isCounting = true
        let measured = try await Measured.run(server) { try await Task.sleep(for: .seconds(seconds)) }
        isCounting = false
        held.isOver = true
        try await watch.value
        report.figure("CPU of an empty re-poll", measured.cpu / Double(max(1, polls)), "us", in: "idle", note: "\(polls) polls")
        report.generator(measured, in: "idle")
        for user in users { try await user.connection.close() }
    }

    @BenchActor
    private final class Held {
        var isOver = false
    }
}

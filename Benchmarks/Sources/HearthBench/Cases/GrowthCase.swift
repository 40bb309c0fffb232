import Figures
import Foundation

/// What requests cost, and starting, when many users are registered who do nothing, after a week of transitions.
@BenchActor
struct GrowthCase {
    /// How many users are to be registered.
    var users: Int
    var transitions = 1_000_000
    var active = 64
    var seconds = 5.0

    func run(binary: String, settings: [String], report: Report) async throws {
        let server = try HearthServer(binary: binary, settings: settings)
        do {
            let registered = try await seed(server.data)
            try await measure(server, registered: registered, report: report)
        } catch {
            try server.discard()
            throw error
        }
        try await server.stop()
        try server.discard()
    }

    /// hearth-seed stands beside this program.
    ///
    /// - Returns: how many users it registered within its bounds.
    private func seed(_ directory: URL) async throws -> Int {
        let process = Process()
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        process.executableURL = own.deletingLastPathComponent().appending(path: "hearth-seed")
        process.arguments = [
            "--data", directory.path, "--users", "\(users)", "--transitions", "\(transitions)", "--password",
            BenchUser.seedPassword,
        ]
        // A few lines: a pipe holds them until the program has ended.
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(50)) }
        guard process.terminationStatus == 0, let figures = try output.fileHandleForReading.readToEnd() else {
            throw BenchError("hearth-seed failed")
        }
        FileHandle.standardError.write(figures)
        struct Figure: Decodable {
            let figure: String
            let value: Double
        }
        let made = try figures.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Figure.self, from: $0) }
            .first { $0.figure == "registered users" }
        guard let made else { throw BenchError("hearth-seed does not say how many users it made") }
        return Int(made.value)
    }

    private func measure(_ server: HearthServer, registered: Int, report: Report) async throws {
        let name = "growth, \(registered) registered"
        let start = ContinuousClock.now
        let homeserver = try await server.start()
        report.figure("start", (ContinuousClock.now - start) / .milliseconds(1), "ms", in: name)
        report.figure(
            "RSS after the start", Double(try ProcessUsage.now(of: homeserver.processes).memory) / 1_024, "MiB", in: name)
        report.figure("database", Double(try server.databaseBytes) / 1e6, "MB", in: name)

        var users: [BenchUser] = []
        for number in 0..<min(active, registered) {
            let index = number * (registered / min(active, registered))
            users.append(
                try await BenchUser.logIn("seed\(index)", password: BenchUser.seedPassword, on: homeserver, connection: number))
        }
        let initial = try await Measured.run(homeserver) {
            for _ in 0..<20 {
                for user in users {
                    user.since = nil
                    try await user.sync()
                }
            }
        }
        report.figure("CPU of an initial sync", initial.cpu / Double(20 * users.count), "us", in: name)
        let empty = try await Measured.run(homeserver) {
            for _ in 0..<200 { for user in users { try await user.sync() } }
        }
        report.figure("CPU of a sync with nothing new", empty.cpu / Double(200 * users.count), "us", in: name)
        try await repolls(users, on: homeserver, in: name, report: report)

        let load = PutLoad(users, values: ["online", homeserver.otherPresence])
        for user in users { try await user.putPresence("online") }
        try await load.run(workers: 32, seconds: 1)
        load.latencies = Latencies()
        let puts = try await Measured.run(homeserver) { try await load.run(workers: 32, seconds: seconds) }
        report.figure("CPU a published change", puts.cpu / Double(load.latencies.count), "us", in: name)
        report.latencies("answer to a PUT", load.latencies, in: name)
        report.generator(puts, in: name)
        for user in users { try await user.connection.close() }
    }

    /// Syncs that are held for a tenth of a second and answered with nothing.
    private func repolls(_ users: [BenchUser], on homeserver: Homeserver, in name: String, report: Report) async throws {
        var polls = 0
        let measured = try await Measured.run(homeserver) {
            let end = ContinuousClock.now + .seconds(seconds)
            try await concurrently(users) { user in
                while ContinuousClock.now < end {
                    try await user.sync(timeout: 100)
                    polls += 1
                }
            }
        }
        report.figure("CPU of an empty re-poll", measured.cpu / Double(polls), "us", in: name)
    }
}

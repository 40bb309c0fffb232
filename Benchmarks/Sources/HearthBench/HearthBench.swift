import ArgumentParser
import Figures
import Foundation

/// Puts a homeserver under load through the client-server API and prints what it costs.
@main
struct HearthBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hearth-bench",
        abstract: "Puts a homeserver under load and prints what it costs: one line of JSON a figure, and a table at the end.")

    @Argument(help: "The cases: put, fanout, idle, flap, storm, steady, sync, profiles, growth.")
    var cases: [String] = ["put", "fanout", "idle", "flap"]
    @Option(help: "The hearth binary; the generator starts it with a fresh database.")
    var server: String?
    @Option(help: "The address of a server that runs already, instead.")
    var url: String?
    @Option(help: "The processes of that server, whose CPU and memory are measured.")
    var pid: [Int32] = []
    @Option(help: "What to call that server.")
    var name = "server"
    @Option(help: "The numbers of watchers of fanout.")
    var watchers: [Int] = [10, 50, 500]
    @Option(help: "How many users each watcher of fanout ignores, none of them a sender.")
    var ignoring = 0
    @Option(help: "The number of devices of idle, storm and steady.")
    var devices: Int?
    @Option(help: "The numbers of registered users of growth; hearth-seed has to be built too.")
    var users: [Int] = [1_000, 30_000, 300_000]
    @Option(help: "Transitions in the past of growth.")
    var transitions = 1_000_000
    @Option(help: "Seconds of put, growth and steady.")
    var seconds: Double?
    @Option(help: "Transitions a second of steady.")
    var rate = 1_000
    @Option(help: "Where the draw of steady begins: the same number draws the same people.")
    var seed: UInt64 = 1
    @Option(name: .customLong("set"), help: "Settings of the started server, KEY=VALUE.")
    var settings: [String] = []

    func run() async throws { try await runCases() }

    @BenchActor
    private func runCases() async throws {
        let limit = OpenFiles.raise()
        if let server {
            for benchCase in cases {
                if benchCase == "growth" {
                    try await grow(server)
                    continue
                }
                let hearth = try HearthServer(binary: server, settings: settings)
                do {
                    try await run(benchCase, on: try await hearth.start(), own: hearth, openFiles: limit)
                } catch {
                    try hearth.discard()
                    throw error
                }
                try await hearth.stop()
                try hearth.discard()
            }
        } else if let url {
            let homeserver = try await Homeserver.found(at: url, name: name, processes: pid)
            for benchCase in cases { try await run(benchCase, on: homeserver, own: nil, openFiles: limit) }
        } else {
            throw ValidationError("Name a binary (--server) or a running server (--url and --pid).")
        }
    }

    @BenchActor
    private func grow(_ binary: String) async throws {
        let report = Report(server: "hearth")
        for count in users {
            try await GrowthCase(users: count, transitions: transitions, seconds: seconds ?? 5)
                .run(binary: binary, settings: settings, report: report)
        }
        report.table()
    }

    @BenchActor
    private func run(_ benchCase: String, on homeserver: Homeserver, own: HearthServer?, openFiles: Int) async throws {
        let report = Report(server: homeserver.name)
        // Some files are open for other things; the server has as many as the generator.
        let most = openFiles - 500
        func scaled(_ count: Int) -> Int {
            if count > most { report.say("\(benchCase): \(most) devices instead of \(count): no more files may be open") }
            return min(count, most)
        }
        switch benchCase {
        case "put":
            try await PutCase(seconds: seconds ?? 10).run(on: homeserver, report: report)
        case "fanout":
            for count in watchers.map(scaled) {
                if homeserver.hasPeeking {
                    try await FanoutCase(watchers: count, ignoring: ignoring, byPeeks: true).run(on: homeserver, report: report)
                }
                try await FanoutCase(watchers: count, ignoring: ignoring, byPeeks: false).run(on: homeserver, report: report)
            }
        case "idle": try await IdleCase(devices: scaled(devices ?? 1_000)).run(on: homeserver, own: own, report: report)
        case "flap": try await FlapCase().run(on: homeserver, report: report)
        case "sync": try await FirstSyncCase().run(on: homeserver, report: report)
        case "profiles": try await ProfilesCase().run(on: homeserver, report: report)
        case "storm":
            guard let own else { throw ValidationError("storm restarts the server: it needs --server.") }
            try await StormCase(devices: scaled(devices ?? 19_000)).run(on: homeserver, server: own, report: report)
        case "steady":
            try await SteadyCase(devices: scaled(devices ?? 19_000), rate: rate, seconds: seconds ?? 300, seed: seed)
                .run(on: homeserver, report: report)
        case "growth": throw ValidationError("growth fills the data directory itself: it needs --server.")
        default: throw ValidationError("There is no case \(benchCase).")
        }
        report.table()
    }
}

/// How many connections may be open.
enum OpenFiles {
    /// Raises the soft limit to the hard one and returns it.
    static func raise() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(limit.rlim_cur)
    }
}

import Figures

/// A day of a large server in minutes: each device watches five users drawn at random and presence changes all the time. At the end
/// every watcher has to hold the last event of everyone it watches.
@BenchActor
struct SteadyCase {
    var devices = 19_000
    var watchedEach = 5
    var rate = 1_000
    var seconds = 300.0
    var seed: UInt64 = 1
    /// Connections that PUTs go through: as many as may wait for their commit at once without the rate falling.
    private let lanes = 256
    /// How many watchers begin at once.
    private let beginners = 64

    func run(on server: Homeserver, report: Report) async throws {
        let users = try await Crowd.make(devices, named: "steady", on: server)
        let steady = SteadyPopulation(users, watchedEach: watchedEach, seed: seed)
        report.say("steady: \(users.count) users are registered")
        try await Crowd.each(steady.watchers, atOnce: beginners) { try await $0.begin() }
        report.say("steady: they watch")
        let holding = steady.watchers.map { watcher in Task { @BenchActor in await watcher.hold() } }
        try await Task.sleep(for: .seconds(10))
        let load = Load(steady, values: ["online", server.otherPresence], lanes: try (1...lanes).map(server.connect))
        for watcher in steady.watchers { watcher.counts = true }
        let measured = try await Measured.run(server) { try await load.run(rate: rate, seconds: seconds) }
        // What waits for its turn comes within the interval of wake-ups.
        try await Task.sleep(for: .seconds(5))
        let missing = try await steady.missing(through: load.lanes, values: load.last)
        for watcher in steady.watchers { watcher.isOver = true }

        let deliveries = steady.watchers.reduce(0) { $0 + $1.deliveries }
        let answers = steady.watchers.reduce(0) { $0 + $1.answers }
        let sent = Double(load.latencies.count)
        report.figure("transitions a second", sent / measured.seconds, "/s", in: "steady", note: "\(load.latencies.count)")
        report.figure("deliveries due a second", Double(load.due) / measured.seconds, "/s", in: "steady", note: "\(load.due)")
        report.figure("deliveries a second", Double(deliveries) / measured.seconds, "/s", in: "steady", note: "\(deliveries)")
        report.figure("merged into a later one", Double(load.due - deliveries), "", in: "steady")
        report.figure("answers a second", Double(answers) / measured.seconds, "/s", in: "steady")
        report.figure("CPU of the server", measured.cpu / measured.seconds / 10_000, "% of a core", in: "steady")
        report.figure("CPU a transition, its deliveries included", measured.cpu / sent, "us", in: "steady")
        report.figure("growth of RSS", Double(measured.memory) / 1_024, "MiB", in: "steady")
        report.latencies("PUT", load.latencies, in: "steady")
        report.latencies("PUT to delivery", steady.latencies, in: "steady")
        report.figure("watched users whose last value a watcher lacks", Double(missing), "", in: "steady")
        report.figure("watchers that failed", Double(steady.watchers.count { $0.failure != nil }), "", in: "steady")
        report.generator(measured, in: "steady")
        if let failure = steady.watchers.lazy.compactMap(\.failure).first { report.say("steady: a watcher failed: \(failure)") }
        for user in users { try await user.connection.close() }
        for task in holding { await task.value }
    }

    /// PUTs at an even rate, each for the next user of a fixed round.
    @BenchActor
    private final class Load {
        let lanes: [HTTPConnection]
        private let steady: SteadyPopulation
        private let values: [String]
        private var puts: [Int]
        private(set) var latencies = Latencies()
        /// How many deliveries all that was sent would make if none were merged.
        private(set) var due = 0

        init(_ steady: SteadyPopulation, values: [String], lanes: [HTTPConnection]) {
            self.steady = steady
            self.values = values
            self.lanes = lanes
            puts = Array(repeating: 0, count: steady.users.count)
        }

        /// What each user put last.
        var last: [String] { puts.map { values[$0 % values.count] } }

        func run(rate: Int, seconds: Double) async throws {
            let start = ContinuousClock.now
            let total = Int(Double(rate) * seconds)
            try await concurrently(Array(lanes.enumerated())) { lane, connection in
                var number = lane
                while number < total {
                    let rest = start + .microseconds(Int(Double(number) / Double(rate) * 1_000_000)) - .now
                    if rest > .zero { try await Task.sleep(for: rest) }
                    try await self.put(self.steady.round[number % self.steady.round.count], through: connection)
                    number += self.lanes.count
                }
            }
        }

        private func put(_ index: Int, through connection: HTTPConnection) async throws {
            let user = steady.users[index]
            puts[index] += 1
            due += steady.watchersOf[index]
            let begin = ContinuousClock.now
            steady.lastSent[index] = begin
            let answer = try await connection.request(
                "PUT", "/_matrix/client/v3/presence/\(user.userID.escaped)/status", token: user.token,
                body: #"{"presence":"\#(values[puts[index] % values.count])"}"#)
            guard answer.status == 200 else { throw BenchError("PUT: \(answer.status) \(answer.text)") }
            latencies.note(ContinuousClock.now - begin)
        }
    }
}

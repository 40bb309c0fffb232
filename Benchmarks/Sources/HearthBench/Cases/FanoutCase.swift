import Figures

/// One change told to many held syncs at once: how long until each has it, and what a delivery costs, its next poll included.
@BenchActor
struct FanoutCase {
    var watchers = 500
    var rounds = 10
    var senders = 5
    /// How many users each watcher ignores.
    var ignoring = 0
    var byPeeks: Bool
    /// Longer than the second in which presence alone wakes a device once.
    var gap: Duration = .milliseconds(1_300)

    private var name: String { "fanout \(watchers) by \(byPeeks ? "peeks" : "presence.events")" }

    func run(on server: Homeserver, report: Report) async throws {
        let sending = try await Crowd.make(senders, named: "sender", on: server)
        let audience = try await Crowd.make(watchers, named: "watcher", on: server)
        if ignoring > 0 { for user in audience { try await user.ignore(ignoring) } }
        let watching = Watching(server: server, watched: sending, watchers: audience, byPeeks: byPeeks)
        try await watching.begin()
        // Nobody syncs for the senders: a PUT keeps them online for a minute.
        for user in sending { try await user.putPresence("online") }
        try await Task.sleep(for: .seconds(3))

        let values = ["online", server.otherPresence]
        var latencies = Latencies()
        var missed = 0
        let measured = try await Measured.run(server) {
            for round in 0..<rounds {
                let sender = sending[round % sending.count]
                let wait = Round(missing: audience.count)
                let needle = watching.needles[sender.userID] ?? []
                let start = ContinuousClock.now
                watching.onAnswer = { index, answer in
                    guard answer.contains(needle), wait.take(index) else { return }
                    latencies.note(ContinuousClock.now - start)
                }
                try await sender.putPresence(values[(1 + round / sending.count) % 2])
                let end = ContinuousClock.now + .seconds(20)
                while wait.missing > 0, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
                missed += wait.missing
                let rest = start + gap - .now
                if rest > .zero { try await Task.sleep(for: rest) }
            }
        }
        let deliveries = Double(max(1, latencies.count))
        report.figure("CPU a delivery", measured.cpu / deliveries, "us", in: name, note: "\(latencies.count) deliveries")
        report.latencies("PUT to delivery", latencies, in: name)
        report.figure("missed", Double(missed), "", in: name)
        report.generator(measured, in: name)
        for user in sending { try await user.connection.close() }
        try await watching.end(report: report)
    }

    /// Who has not got a round's change yet.
    @BenchActor
    private final class Round {
        private var has: [Bool]
        private(set) var missing: Int

        init(missing: Int) {
            self.missing = missing
            has = Array(repeating: false, count: missing)
        }

        func take(_ index: Int) -> Bool {
            if has[index] { return false }
            has[index] = true
            missing -= 1
            return true
        }
    }
}

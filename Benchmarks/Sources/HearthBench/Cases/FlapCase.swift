import Figures

/// Two that disagree about one user: nothing should happen for it.
@BenchActor
struct FlapCase {
    var seconds = 10.0

    func run(on server: Homeserver, report: Report) async throws {
        try await run(on: server, report: report, sameDevice: false)
        try await run(on: server, report: report, sameDevice: true)
    }

    private func run(on server: Homeserver, report: Report, sameDevice: Bool) async throws {
        let name = sameDevice ? "flap of two clients on one device" : "flap of two devices"
        let users = try await Crowd.make(2, named: "flap", on: server)
        let (user, watcher) = (users[0], users[1])
        let other =
            if sameDevice {
                try user.twin(on: server, connection: 1)
            } else {
                try await BenchUser.logIn(Crowd.localpart(of: user), on: server, connection: 1)
            }
        let watching = Watching(server: server, watched: [user], watchers: [watcher])
        try await watching.begin()
        var (syncs, changes) = (0, 0)
        let needle = watching.needles[user.userID] ?? []
        // Both say what they think once, and what comes of that settles.
        for (client, claim) in [(user, "online"), (other, "unavailable")] {
            try await client.sync(claim: claim, filter: Watching.presenceOnly)
            try await client.sync(claim: claim, filter: Watching.presenceOnly)
        }
        try await Task.sleep(for: .seconds(2))
        watching.onAnswer = { _, answer in if answer.contains(needle) { changes += 1 } }
        let end = ContinuousClock.now + .seconds(seconds)
        try await concurrently([(user, "online"), (other, "unavailable")]) { client, claim in
            while ContinuousClock.now < end {
                try await client.sync(timeout: 10_000, claim: claim, filter: Watching.presenceOnly)
                syncs += 1
            }
        }
        report.figure("syncs each in \(Int(seconds)) s", Double(syncs) / 2, "", in: name)
        report.figure("transitions seen", Double(changes), "", in: name)
        try await watching.end(report: report)
        for client in [user, other] { try await client.connection.close() }
    }
}

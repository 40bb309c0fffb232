/// PUTs of presence, every one a change that is published, with a few watchers who follow all users.
@BenchActor
struct PutCase {
    var users = 64
    var workers = 16
    var watchers = 4
    var seconds = 10.0

    func run(on server: Homeserver, report: Report) async throws {
        let crowd = try await Crowd.make(users, named: "put", on: server)
        let audience = try await Crowd.make(watchers, named: "putwatcher", on: server)
        let watching = Watching(server: server, watched: crowd, watchers: audience)
        try await watching.begin()
        defer { watching.end() }
        // Everybody online, so that each PUT after that is a change.
        for user in crowd { try await user.putPresence("online") }

        var latencies = Latencies()
        var last: [String: String] = [:]
        let measured = try await Measured.run(server) {
            let end = ContinuousClock.now + .seconds(seconds)
            let lists = stride(from: 0, to: workers, by: 1).map { worker in
                stride(from: worker, to: crowd.count, by: workers).map { crowd[$0] }
            }
            try await concurrently(lists) { list in
                var value = "online"
                while ContinuousClock.now < end {
                    value = value == "online" ? "unavailable" : "online"
                    for user in list {
                        let start = ContinuousClock.now
                        try await user.putPresence(value)
                        latencies.note(ContinuousClock.now - start)
                        last[user.userID] = value
                    }
                }
            }
        }
        let count = Double(latencies.count)
        report.figure("published changes a second", count / measured.seconds, "/s", in: "put", note: "\(workers) workers")
        report.figure("CPU a published change", measured.cpu / count, "us", in: "put")
        report.latencies("answer", latencies, in: "put")
        try await check(crowd, last: last)
    }

    /// Every user is what was put last.
    private func check(_ crowd: [BenchUser], last: [String: String]) async throws {
        for user in crowd {
            let answer = try await user.request("GET", "/presence/\(user.userID.escaped)/status")
            guard answer.string("presence") == last[user.userID] else {
                throw BenchError("\(user.userID) is \(answer.text), not \(last[user.userID] ?? "anything")")
            }
        }
    }
}

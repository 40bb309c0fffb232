import Figures

/// PUTs of presence, every one a change that is published, with a few watchers who follow all users.
@BenchActor
struct PutCase {
    var users = 64
    var workers = 32
    var watchers = 4
    var seconds = 10.0

    func run(on server: Homeserver, report: Report) async throws {
        let crowd = try await Crowd.make(users, named: "put", on: server)
        let audience = try await Crowd.make(watchers, named: "putwatcher", on: server)
        let watching = Watching(server: server, watched: crowd, watchers: audience)
        try await watching.begin()
        let load = PutLoad(crowd, values: ["online", server.otherPresence])
        // Everybody online, so that each PUT after that is a change.
        for user in crowd { try await user.putPresence("online") }
        try await load.run(workers: workers, seconds: min(1, seconds))
        load.latencies = Latencies()
        let measured = try await Measured.run(server) { try await load.run(workers: workers, seconds: seconds) }
        let count = Double(load.latencies.count)
        report.figure("published changes a second", count / measured.seconds, "/s", in: "put", note: "\(workers) workers")
        report.figure("CPU a published change", measured.cpu / count, "us", in: "put", note: "\(load.latencies.count) changes")
        report.latencies("answer", load.latencies, in: "put")
        report.generator(measured, in: "put")
        for (user, value) in zip(crowd, load.last) {
            let answer = try await user.request("GET", "/presence/\(user.userID.escaped)/status")
            guard let presence = try answer.json()["presence"] as? String, value.hasSuffix(presence) else {
                throw BenchError("\(user.userID) is \(answer.text), not \(value)")
            }
        }
        try await watching.end(report: report)
    }
}

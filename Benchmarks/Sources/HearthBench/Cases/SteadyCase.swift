/// A day of a large server in minutes: each device watches five users drawn at random and presence changes all the time. At the end
/// every watcher has to hold the last event of everyone it watches.
@BenchActor
struct SteadyCase {
    var devices = 19_000
    var watchedEach = 5
    var rate = 1_000
    var seconds = 300.0

    func run(on server: Homeserver, report: Report) async throws {
        let users = try await Crowd.make(devices, named: "steady", on: server)
        var random = SystemRandomNumberGenerator()
        let watchers = users.map { user in
            Watcher(
                user: user, watched: (0..<watchedEach).map { _ in users[Int.random(in: 0..<users.count, using: &random)].userID })
        }
        report.say("steady: \(users.count) users are registered")
        var next = 0
        try await concurrently(Array(0..<64)) { _ in
            while next < watchers.count {
                let watcher = watchers[next]
                next += 1
                try await watcher.begin()
            }
        }
        report.say("steady: they watch")
        let holding = watchers.map { watcher in Task { @BenchActor in await watcher.hold() } }
        try await Task.sleep(for: .seconds(5))
        let sending = try (0..<64).map { try server.connect(1 + $0) }
        var sent = Sent(count: users.count)
        let measured = try await Measured.run(server) { try await send(users, through: sending, sent: &sent) }
        // What waits for its turn comes within the interval of wake-ups.
        try await Task.sleep(for: .seconds(5))
        for watcher in watchers { watcher.isOver = true }

        let deliveries = watchers.reduce(0) { $0 + $1.deliveries }
        report.figure("transitions a second", Double(sent.latencies.count) / measured.seconds, "/s", in: "steady")
        report.figure("deliveries a second", Double(deliveries) / measured.seconds, "/s", in: "steady")
        report.figure("answers a second", Double(watchers.reduce(0) { $0 + $1.answers }) / measured.seconds, "/s", in: "steady")
        report.figure("CPU of the server", measured.cpu / measured.seconds / 10_000, "% of a core", in: "steady")
        report.latencies("PUT", sent.latencies, in: "steady")
        report.latencies("PUT to delivery", Watcher.latencies, in: "steady")
        try await check(watchers, users: users, report: report)
        for task in holding { task.cancel() }
    }

    private struct Sent {
        var latencies = Latencies()
        var isOnline: [Bool]

        init(count: Int) { isOnline = Array(repeating: true, count: count) }
    }

    /// Sends at the rate, evenly, each time for another user.
    private func send(_ users: [BenchUser], through connections: [HTTPConnection], sent: inout Sent) async throws {
        let start = ContinuousClock.now
        let total = Int(Double(rate) * seconds)
        let state = Sending(sent)
        try await concurrently(Array(connections.enumerated())) { offset, connection in
            var number = offset
            while number < total {
                let due = start + .microseconds(Int(Double(number) / Double(rate) * 1_000_000))
                let rest = due - .now
                if rest > .zero { try await Task.sleep(for: rest) }
                let index = Int(truncatingIfNeeded: UInt64(number) &* 2_654_435_761 % UInt64(users.count))
                let user = users[index]
                state.sent.isOnline[index].toggle()
                let value = state.sent.isOnline[index] ? "online" : "unavailable"
                let begin = ContinuousClock.now
                Watcher.lastSent[user.userID] = begin
                let answer = try await connection.request(
                    "PUT", "/_matrix/client/v3/presence/\(user.userID.escaped)/status", token: user.token,
                    body: #"{"presence":"\#(value)"}"#)
                guard answer.status == 200 else { throw BenchError("PUT: \(answer.status) \(answer.text)") }
                state.sent.latencies.note(ContinuousClock.now - begin)
                number += connections.count
            }
        }
        sent = state.sent
    }

    @BenchActor
    private final class Sending {
        var sent: Sent
        init(_ sent: Sent) { self.sent = sent }
    }

    private func check(_ watchers: [Watcher], users: [BenchUser], report: Report) async throws {
        var wrong = 0
        var events: [String: String] = [:]
        let watched = Set(watchers.flatMap(\.rooms.values)).sorted()
        var next = 0
        try await concurrently(Array(0..<16)) { lane in
            while next < watched.count {
                let room = watched[next]
                next += 1
                let answer = try await users[lane].connection.request(
                    "GET", "/_matrix/client/v3/rooms/\(room.escaped)/state/m.presence/?format=event", token: users[lane].token)
                if answer.status == 200 { events[room] = answer.string("event_id") }
            }
        }
        for watcher in watchers {
            for room in watcher.rooms.values where watcher.lastEvent[room] != events[room] { wrong += 1 }
        }
        report.figure("watched users whose last event a watcher lacks", Double(wrong), "", in: "steady")
        report.figure("watchers that failed", Double(watchers.count { $0.hasFailed }), "", in: "steady")
    }
}

/// A device of `steady`, and the last event of each that it watches.
@BenchActor
final class Watcher {
    static var latencies = Latencies()
    static var lastSent: [String: ContinuousClock.Instant] = [:]

    let user: BenchUser
    private let watched: [String]
    private(set) var rooms: [String: String] = [:]
    private var owners: [String: String] = [:]
    private(set) var lastEvent: [String: String] = [:]
    private(set) var deliveries = 0
    private(set) var answers = 0
    private(set) var hasFailed = false
    var isOver = false

    init(user: BenchUser, watched: [String]) {
        self.user = user
        self.watched = Array(Set(watched)).filter { $0 != user.userID }
    }

    func begin() async throws {
        try await user.putPresence("online")
        rooms = try await user.peek(watched)
        for (owner, room) in rooms { owners[room] = owner }
        take(try await user.sync(claim: "online", filter: Watching.everything), counts: false)
    }

    func hold() async {
        while !isOver {
            do {
                take(try await user.sync(timeout: 30_000, claim: "online", filter: Watching.everything), counts: true)
            } catch {
                if !isOver { hasFailed = true }
                return
            }
        }
    }

    private func take(_ answer: HTTPAnswer, counts: Bool) {
        if counts { answers += 1 }
        guard let rooms = try? answer.json()["rooms"] as? [String: Any], let peeked = rooms["peek"] as? [String: [String: Any]]
        else { return }
        let now = ContinuousClock.now
        for (room, content) in peeked {
            for part in ["state", "timeline"] {
                let events = (content[part] as? [String: Any])?["events"] as? [[String: Any]] ?? []
                for event in events where event["type"] as? String == "m.presence" {
                    lastEvent[room] = event["event_id"] as? String
                    guard counts else { continue }
                    deliveries += 1
                    if let owner = owners[room], let sent = Self.lastSent[owner] { Self.latencies.note(now - sent) }
                }
            }
        }
    }
}

import Figures

/// The people of `steady`, and who watches whom.
@BenchActor
final class SteadyPopulation {
    let users: [BenchUser]
    private(set) var watchers: [Watcher] = []
    /// By user: how many watch them.
    private(set) var watchersOf: [Int]
    /// The users in the order in which they change, over and over.
    let round: [Int]
    /// By user: when the last change was sent.
    var lastSent: [ContinuousClock.Instant?]
    var latencies = Latencies()

    init(_ users: [BenchUser], watchedEach: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        self.users = users
        round = Array(users.indices).shuffled(using: &random)
        lastSent = Array(repeating: nil, count: users.count)
        watchersOf = Array(repeating: 0, count: users.count)
        for index in users.indices {
            var watched: Set<Int> = []
            while watched.count < min(watchedEach, users.count - 1) {
                let other = Int.random(in: users.indices, using: &random)
                if other != index { watched.insert(other) }
            }
            for each in watched { watchersOf[each] += 1 }
            watchers.append(Watcher(users[index], watched: watched.sorted(), in: self))
        }
    }

    /// How many times a watcher lacks what a user whom it watches put last, or holds another event than the room's.
    func missing(through lanes: [HTTPConnection], values: [String]) async throws -> Int {
        var rooms: [Int: String] = [:]
        for watcher in watchers { for (room, user) in watcher.rooms { rooms[user] = room } }
        var events: [String: String] = [:]
        let watched = rooms.keys.sorted()
        try await concurrently(Array(lanes.enumerated())) { lane, connection in
            for user in stride(from: lane, to: watched.count, by: lanes.count).map({ watched[$0] }) {
                guard let room = rooms[user] else { continue }
                let answer = try await connection.request(
                    "GET", "/_matrix/client/v3/rooms/\(room.escaped)/state/m.presence/?format=event",
                    token: self.users[user].token)
                if answer.status == 200 { events[room] = answer.string("event_id") }
            }
        }
        var missing = 0
        for watcher in watchers {
            for (room, user) in watcher.rooms {
                let last = watcher.last[user]
                let hasValue = last.map { values[user].hasSuffix($0.presence) } ?? false
                if last?.eventID != events[room] || !hasValue { missing += 1 }
            }
        }
        return missing
    }
}

/// A device of `steady`, and the last event of each that it watches.
@BenchActor
final class Watcher {
    private let user: BenchUser
    private let watched: [Int]
    private unowned let population: SteadyPopulation
    /// Whom a profile room that is watched belongs to.
    private(set) var rooms: [String: Int] = [:]
    private(set) var last: [Int: (eventID: String, presence: String)] = [:]
    /// Whether deliveries count.
    var counts = false
    private(set) var deliveries = 0
    private(set) var answers = 0
    private(set) var failure: String?
    var isOver = false

    init(_ user: BenchUser, watched: [Int], in population: SteadyPopulation) {
        self.user = user
        self.watched = watched
        self.population = population
    }

    /// Is online, peeks and does the first sync.
    func begin() async throws {
        try await user.putPresence("online")
        let found = try await user.peek(watched.map { population.users[$0].userID })
        for index in watched { if let room = found[population.users[index].userID] { rooms[room] = index } }
        take(try await user.sync(claim: "online", filter: Watching.peeksOnly))
    }

    func hold() async {
        while !isOver {
            do {
                take(try await user.sync(timeout: 30_000, claim: "online", filter: Watching.peeksOnly))
            } catch {
                if !isOver { failure = "\(error)" }
                return
            }
        }
    }

    private func take(_ answer: HTTPAnswer) {
        if counts { answers += 1 }
        // Most answers that carry nothing are known without a parser.
        guard answer.contains(Self.presenceType), let json = try? answer.json(), let rooms = json["rooms"] as? [String: Any],
            let peeked = rooms["peek"] as? [String: [String: Any]]
        else { return }
        let now = ContinuousClock.now
        for (room, parts) in peeked {
            guard let index = self.rooms[room] else { continue }
            for part in ["state", "timeline"] {
                let events = (parts[part] as? [String: Any])?["events"] as? [[String: Any]] ?? []
                for event in events where event["type"] as? String == "m.presence" {
                    guard let id = event["event_id"] as? String, let content = event["content"] as? [String: Any],
                        let presence = content["presence"] as? String
                    else { continue }
                    last[index] = (id, presence)
                    guard counts else { continue }
                    deliveries += 1
                    if let sent = population.lastSent[index] { population.latencies.note(now - sent) }
                }
            }
        }
    }

    private static let presenceType = Array("\"m.presence\"".utf8)
}

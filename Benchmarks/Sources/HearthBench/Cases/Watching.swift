import Figures

/// Watchers who hold syncs: by peeks into profile rooms where the server has them, else as members of one room with the watched.
@BenchActor
final class Watching {
    /// Presence alone, of everybody.
    static let presenceOnly = #"{"room":{"rooms":[]},"account_data":{"types":[]}}"#
    /// Peeks alone, without `presence.events`.
    static let peeksOnly = #"{"presence":{"types":[]},"account_data":{"types":[]}}"#

    private let server: Homeserver
    private let watched: [BenchUser]
    private let watchers: [BenchUser]
    private let isByPeeks: Bool
    private var tasks: [Task<Void, Never>] = []
    private var isOver = false

    /// What tells the answers about a user from others: the profile room's or the user's id.
    private(set) var needles: [String: [UInt8]] = [:]
    /// What is called with each answer, and the watcher's index.
    var onAnswer: (Int, HTTPAnswer) -> Void = { _, _ in }
    private var failures = 0
    private var failure: String?

    init(server: Homeserver, watched: [BenchUser], watchers: [BenchUser], byPeeks: Bool? = nil) {
        self.server = server
        self.watched = watched
        self.watchers = watchers
        isByPeeks = byPeeks ?? server.hasPeeking
    }

    /// Peeks alone; or no rooms and only the presence of the watched: else each of the watchers is first told of all the others.
    private var filter: String {
        if isByPeeks { return Self.peeksOnly }
        let senders = watched.map { "\"\($0.userID)\"" }.joined(separator: ",")
        return #"{"room":{"rooms":[]},"account_data":{"types":[]},"presence":{"senders":[\#(senders)]}}"#
    }

    /// Subscribes, does the first sync of each and holds the next ones.
    func begin() async throws {
        if isByPeeks {
            let ids = watched.map(\.userID)
            if let first = watchers.first {
                for (user, room) in try await first.peek(ids) { needles[user] = Array("\"\(room)\"".utf8) }
            }
            try await eachWatcher { watcher in try await watcher.peek(ids) }
        } else {
            guard let host = watched.first else { return }
            let room = try await host.createRoom()
            for user in watched.dropFirst() { try await user.join(room) }
            try await eachWatcher { watcher in try await watcher.join(room) }
            for user in watched { needles[user.userID] = Array("\"\(user.userID)\"".utf8) }
        }
        try await eachWatcher { [filter] watcher in
            try await watcher.sync(filter: filter)
            // What the beginning brought along.
            try await watcher.sync(filter: filter)
        }
        for index in watchers.indices { tasks.append(Task { @BenchActor in await self.hold(index) }) }
    }

    private func eachWatcher(_ body: @escaping @BenchActor (BenchUser) async throws -> Void) async throws {
        try await Crowd.each(watchers, atOnce: 32, body)
    }

    private func hold(_ index: Int) async {
        while !isOver {
            do {
                let answer = try await watchers[index].sync(timeout: 30_000, filter: filter)
                onAnswer(index, answer)
            } catch {
                if isOver { return }
                failures += 1
                failure = "\(error)"
                return
            }
        }
    }

    /// Lets go of the held syncs. Says so if a watcher had stopped before.
    func end(report: Report) async throws {
        isOver = true
        for watcher in watchers { try await watcher.connection.close() }
        for task in tasks { await task.value }
        if failures > 0 { report.say("\(failures) of \(watchers.count) watchers failed: \(failure ?? "")") }
    }
}

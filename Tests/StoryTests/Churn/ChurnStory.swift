import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Everything at once, for long: people who come and go and ask for every endpoint, clients that vanish, readers that do not read, stops
/// and kills.
///
/// Limits are those that a server has out of the box: each person has an address of their own, as behind a proxy. Lifted are the cost of
/// passwords, since everybody registers in the first seconds; private addresses for pushers, whose gateway is never there; and presence
/// fades after seconds instead of minutes, so that what is shown in the end can be waited for.
@Suite("Churn", .serialized)
struct ChurnStory {
    private static let isSoak = ProcessInfo.processInfo.environment["HEARTH_SOAK"] == "1"
    /// How long a soak takes, roughly: `CHURN_MINUTES`.
    private static let minutes = min(
        max(ProcessInfo.processInfo.environment["CHURN_MINUTES"].flatMap { Int($0) } ?? 20, 2), 20)
    private static let users = isSoak ? 75 * minutes : 60
    private static let keepers = isSoak ? 15 * minutes : 20
    /// How often the server is stopped, and how often killed.
    private static let ends = isSoak ? minutes / 2 : 1
    private static let roundTime: Duration = isSoak ? .seconds(12) : .seconds(4)
    /// The last part is one process: what it keeps in memory in the end is compared with its own middle.
    private static let halfTime: Duration = isSoak ? .seconds(10 * minutes) : .seconds(5)
    private static let settings = [
        "limits.longest_wait": "100ms", "rate_limits.enabled": "true", "listen.trusted_proxies": "127.0.0.1",
        "media.allow_unauthenticated": "true", "push.allow_private": "true", "presence.device_grace": "2s",
        "presence.busy_device_grace": "2s", "presence.reachable_for": "3s", "presence.pusher_reachable_for": "0ms",
        "presence.settle": "100ms", "server.public_url": "https://churn.example.org",
    ]

    @Test(
        "after all of it presence is as chosen, what was acknowledged is there, rows and files fit, and memory is what it was half-way"
    )
    func churn() async throws {
        let seed = ProcessInfo.processInfo.environment["HEARTH_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...UInt64.max)
        print("churn: HEARTH_SEED=\(seed)")
        try await withHearth(settings: Self.settings) { hearth in
            let routes = try await ChurnRoute.all(of: hearth)
            let world = try await ChurnWorld(hearth, users: Self.users, keepers: Self.keepers, seed: seed)
            let presence = try await ChurnPresence(world)
            let load = ChurnLoad(
                world, routes: routes, players: Self.isSoak ? 48 : 12, listeners: Self.isSoak ? 200 : 10,
                slowReaders: Self.isSoak ? 12 : 3)
            try await load.tryEach(routes)

            var random = SeededGenerator(seed: seed)
            let ends = Array(repeating: [true, false], count: Self.ends).flatMap { $0 }.shuffled(using: &random)
            var shown: [String] = []
            for (round, isKill) in ends.enumerated() {
                let comment: Comment = "HEARTH_SEED=\(seed), round \(round), after a \(isKill ? "kill" : "stop")"
                try await load.run(for: Self.roundTime, round: round) {
                    if isKill { hearth.kill() } else { try await hearth.terminate() }
                }
                let torn = try ChurnRows.faults(of: hearth)
                #expect(torn == [], comment)
                try await hearth.start()
                try await check(world, comment: comment)
                shown = try await presence.faults(round: round)
                #expect(Array(shown.prefix(20)) == [], comment)
            }

            let comment: Comment = "HEARTH_SEED=\(seed), at the end"
            try await load.run(for: Self.halfTime, round: 1_000)
            shown = try await presence.faults(round: 1_000)
            #expect(Array(shown.prefix(20)) == [], comment)
            let middle = try hearth.memory("VmRSS")
            try await load.run(for: Self.halfTime, round: 1_001)
            shown = try await presence.faults(round: 1_001)
            #expect(Array(shown.prefix(20)) == [], comment)
            let end = try hearth.memory("VmRSS")
            try await check(world, isThorough: true, comment: comment)
            try await hearth.terminate()
            let torn = try ChurnRows.faults(of: hearth)
            #expect(torn == [], comment)

            print("churn: \(world.summary); memory \(middle / 1024) MiB half-way, \(end / 1024) MiB at the end")
            #expect(world.faults == [], comment)
            #expect(world.never(200, among: routes) == [], "every endpoint did what it is for; \(comment)")
            #expect(end - middle < 32 * 1024, "\(middle) KiB half-way, \(end) KiB at the end; \(comment)")
        }
    }

    /// What was acknowledged is there, of some or of all.
    private func check(_ world: ChurnWorld, isThorough: Bool = false, comment: Comment) async throws {
        let keepers = isThorough ? world.keepers : Array(world.keepers.shuffled().prefix(20))
        try await concurrently(keepers, lanes: 8) { keeper in
            let faults = try await ChurnKept.faults(of: keeper, by: world.client)
            #expect(faults == [], comment)
        }
        let reader = world.keepers[0]
        try await concurrently(world.messages.suffix(isThorough ? 2_000 : 100), lanes: 8) { message in
            let request = ChurnRequest("GET", "/rooms/\(message.room)/event/\(message.eventID)")
            let owner = world.keepers.first { $0.ownRoom == message.room } ?? reader
            let answer = try await world.client.patiently(request, by: owner)
            #expect(ChurnClient.json(answer)?["content", "body"] == .string(message.text), comment)
        }
        try await concurrently(world.files.suffix(isThorough ? 500 : 30), lanes: 8) { file in
            let request = ChurnRequest("GET", "/_matrix/client/v1/media/download/\(raw: file.media)")
            let answer = try await world.client.patiently(request, by: reader)
            let isWhole = answer.bytes == ChurnWorld.content(file.number, size: file.size)
            #expect(isWhole, "\(file.media): \(answer.status), \(answer.bytes.count) bytes of \(file.size); \(comment)")
        }
    }
}

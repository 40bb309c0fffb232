import HearthTestKit
import MatrixModel
import Testing

/// Filters with thousands of patterns, and more held syncs than a device needs.
@Suite("Dear filters")
struct FilterStory {
    private static func filter(_ count: Int) -> JSON {
        // Almost in each of the types below.
        let patterns = JSON.array((0..<count).map { .string("*aaaa*ab\($0)") })
        return ["room": ["timeline": ["types": patterns]]]
    }

    @Test("first syncs with thousands of patterns are refused, and those with a hundred hold nobody up")
    func manyPatterns() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let attacker = try await hearth.client.register("attacker")
            for number in 0..<3 {
                let state = (0..<100).map { index -> JSON in
                    [
                        "type": .string(String(repeating: "a", count: 240) + "\(index)"),
                        "content": ["room": .integer(Int64(number))],
                    ]
                }
                _ = try await attacker.createRoom(["initial_state": .array(state)])
            }
            let path: MatrixPath = "/user/\(attacker.userID)/filter"
            let large = try await attacker.request("POST", path, body: Self.filter(3_500))
            #expect(large.status == 400)
            #expect(large.errorCode == "M_BAD_JSON")
            let small = try await attacker.post(path, Self.filter(100))["filter_id"]?.stringValue
            // The largest that is to be had.
            let id = try #require(large["filter_id"]?.stringValue ?? small)
            let (_, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<6 { group.addTask { _ = try await attacker.request("GET", "/sync", query: ["filter": id]) } }
                    try await group.waitForAll()
                }
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")

            let inline = try await attacker.get("/sync", query: ["filter": Self.filter(101).text], expecting: 400)
            #expect(inline.errorCode == "M_BAD_JSON")
            let room = try await attacker.createRoom()
            let senders = JSON.array((0...100).map { .string("@u\($0):localhost") })
            let events = try await attacker.get(
                "/rooms/\(room)/messages", query: ["dir": "b", "filter": (["not_senders": senders] as JSON).text], expecting: 400)
            #expect(events.errorCode == "M_INVALID_PARAM")
            try await hearth.restart()
            #expect(try await attacker.get("/user/\(attacker.userID)/filter/\(id)").json == Self.filter(100))
            #expect(try await attacker.get("/sync", query: ["filter": id])["next_batch"] != nil)
        }
    }

    @Test("of nine syncs that a device holds the oldest is answered at once, and the others go on")
    func manyHeldSyncs() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let since = try await alice.sync(setPresence: "offline").nextBatch
            let begin = ContinuousClock.now
            try await withThrowingTaskGroup(of: SyncResponse.self) { group in
                for _ in 0..<9 { group.addTask { try await alice.sync(since: since, timeout: 30_000, setPresence: "offline") } }
                let first = try #require(try await group.next())
                #expect(first.nextBatch == since, "there was nothing to tell")
                #expect(ContinuousClock.now - begin < .seconds(15))
                try await alice.setAccountData("org.example.news", ["a": 1])
                for try await response in group { #expect(response.nextBatch != since) }
            }
            #expect(ContinuousClock.now - begin < .seconds(25), "nobody's time was over")
        }
    }
}

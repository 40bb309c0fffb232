import HearthTestKit
import MatrixModel
import Testing

/// What a restart shows of people: nothing that was not there before.
@Suite("Restarts raise nobody")
struct RestartStory {
    /// Of 22 people the last contact is a few seconds old, and they have been published offline.
    @Test("who stood published offline stays so through a stop and a kill, until a contact", arguments: [false, true])
    func offlineStaysOffline(isKilled: Bool) async throws {
        let settings = [
            "presence.device_grace": "500ms", "presence.reachable_for": "1s", "presence.busy_device_grace": "500ms",
            "presence.settle": "100ms",
        ]
        try await withHearth(settings: settings) { hearth in
            let watcher = try await hearth.client.register("watcher")
            var people: [(client: MatrixClient, profile: String)] = []
            for number in 0..<22 {
                let client = try await hearth.client.register("user\(number)")
                let room = try await client.createRoom(["preset": "public_chat"])
                try await watcher.join(room)
                people.append((client, try await watcher.peekProfile(of: client.userID)))
            }
            var since = try await watcher.sync(setPresence: "offline").nextBatch
            for person in people { _ = try await person.client.sync(setPresence: "online") }
            var shown: [String: [String]] = [:]
            func look(within limit: Duration, until isEnough: ([String: [String]]) -> Bool) async throws {
                let deadline = ContinuousClock.now + limit
                while !isEnough(shown), ContinuousClock.now < deadline {
                    let answer = try await watcher.sync(since: since, timeout: 500, setPresence: "offline")
                    for (client, profile) in people {
                        for event in answer.peeked(profile).ofType("m.presence") {
                            shown[client.userID, default: []].append(event["content", "presence"]?.stringValue ?? "")
                        }
                    }
                    since = answer.nextBatch
                }
            }
            try await look(within: .seconds(20)) { $0.count == 22 && $0.values.allSatisfy { $0.last == "offline" } }
            #expect(shown.count == 22 && shown.values.allSatisfy { $0.last == "offline" }, "\(shown)")

            for _ in 0..<2 {
                shown = [:]
                if isKilled { hearth.kill() } else { try await hearth.terminate() }
                try await hearth.start()
                try await look(within: .seconds(2)) { _ in false }
                #expect(shown == [:])
            }
            _ = try await people[0].client.sync(setPresence: "online")
            try await look(within: .seconds(10)) { !$0.isEmpty }
            #expect(shown == [people[0].client.userID: ["online"]])
        }
    }

    @Test("who was there before a restart and comes back is never seen to have gone, and who does not comes to rest")
    func presentStaysPresent() async throws {
        let settings = [
            "presence.device_grace": "3s", "presence.reachable_for": "5s", "presence.busy_device_grace": "3s",
            "presence.settle": "100ms",
        ]
        try await withHearth(settings: settings) { hearth in
            let watcher = try await hearth.client.register("watcher")
            let (stays, leaves) = (try await hearth.client.register("stays"), try await hearth.client.register("leaves"))
            var profiles: [String] = []
            for client in [stays, leaves] {
                let room = try await client.createRoom(["preset": "public_chat"])
                try await watcher.join(room)
                profiles.append(try await watcher.peekProfile(of: client.userID))
            }
            let token = try await stays.sync(setPresence: "online").nextBatch
            _ = try await leaves.sync(setPresence: "online")
            var online: Set<String> = []
            let start = try await watcher.syncUntil { answer in
                online.formUnion(profiles.filter { WholeWayStory.presence(in: answer, of: $0) == "online" })
                return online.count == 2
            }
            try await hearth.restart()
            let (first, second) = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var since = token
                    while !Task.isCancelled {
                        since = try await stays.sync(since: since, timeout: 2000, setPresence: "online").nextBatch
                    }
                }
                defer { group.cancelAll() }
                var (since, seen) = (start.nextBatch, ([String](), [String]()))
                let deadline = ContinuousClock.now + .seconds(15)
                while seen.1.last != "offline", ContinuousClock.now < deadline {
                    let answer = try await watcher.sync(since: since, timeout: 1000, setPresence: "offline")
                    if let presence = WholeWayStory.presence(in: answer, of: profiles[0]) { seen.0.append(presence) }
                    if let presence = WholeWayStory.presence(in: answer, of: profiles[1]) { seen.1.append(presence) }
                    since = answer.nextBatch
                }
                return seen
            }
            #expect(first == [])
            #expect(second == ["unavailable", "offline"])
        }
    }
}

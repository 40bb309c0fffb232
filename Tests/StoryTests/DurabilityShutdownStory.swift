import HearthTestKit
import MatrixModel
import Testing

/// How held requests end when the server or their client goes.
@Suite("Ends of held requests")
struct DurabilityShutdownStory {
    @Test("SIGTERM answers held syncs with the since they came with, and the server ends with 0 within five seconds")
    func terminationAnswersHeldSyncs() async throws {
        try await withHearth { hearth in
            var clients: [(client: MatrixClient, since: String)] = []
            for number in 0..<5 {
                let client = try await hearth.client.register("user\(number)")
                var token = try await client.sync(setPresence: "offline").nextBatch
                token = try await client.sync(since: token, setPresence: "offline").nextBatch
                clients.append((client, token))
            }
            try await withThrowingTaskGroup(of: (String, String).self) { group in
                for (client, since) in clients {
                    group.addTask {
                        (since, try await client.sync(since: since, timeout: 30_000, setPresence: "offline").nextBatch)
                    }
                }
                // Long enough that all five are held; were they not, they would find the server gone and throw.
                try await Task.sleep(for: .milliseconds(700))
                let status = try await hearth.terminate(within: .seconds(5))
                #expect(status == 0)
                while let (since, next) = try await group.next() { #expect(next == since) }
            }
        }
    }

    @Test("a client that goes away is gone at once, however long its sync could have been held", arguments: [false, true])
    func clientThatGoesAway(withReset: Bool) async throws {
        let quick = ["device_grace", "busy_device_grace", "reachable_for", "settle"].map { ("presence.\($0)", "0ms") }
        try await withHearth(settings: Dictionary(uniqueKeysWithValues: quick)) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let profile = try await bob.peekProfile(of: alice.userID)
            let since = try await alice.sync(setPresence: "offline").nextBatch
            let quiet = try await alice.sync(since: since, setPresence: "offline").nextBatch
            let start = try await bob.sync(setPresence: "offline")

            // Her own presence, which may still be settling, must not end the sync that is to be held.
            let filter = "%7B%22presence%22%3A%7B%22types%22%3A%5B%5D%7D%7D"
            let token = try #require(alice.session?.accessToken)
            let socket = try RawSocket(to: try hearth.baseURL)
            try socket.send(
                "GET /_matrix/client/v3/sync?timeout=120000&set_presence=online&filter=\(filter)&since=\(quiet)"
                    + " HTTP/1.1\r\n"
                    + "Host: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n")
            let online = try await bob.syncUntil(since: start.nextBatch) {
                WholeWayStory.presence(in: $0, of: profile) == "online"
            }
            socket.close(withReset: withReset)
            _ = try await bob.syncUntil(since: online.nextBatch, within: .seconds(60)) {
                WholeWayStory.presence(in: $0, of: profile) == "offline"
            }
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// How held requests end when the server or their client goes.
@Suite("Ends of held requests")
struct DurabilityShutdownStory {
    @Test("SIGTERM answers held syncs with the since they came with, and the server ends with 0 within two seconds")
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
                let status = try await hearth.terminate(within: .seconds(2))
                #expect(status == 0)
                while let (since, next) = try await group.next() { #expect(next == since) }
            }
        }
    }

    @Test("clients that stall amid an upload, a body, a head or an answer hold up no stop, and last contacts are stored")
    func stalledClients() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let alice = try await hearth.client.register("alice")
            let large = try await alice.upload(size: 30_000_000) { _, count in [UInt8](repeating: 7, count: count) }
            let since = try await alice.sync(setPresence: "online").nextBatch
            let token = try #require(alice.session?.accessToken)
            let head = "Host: localhost\r\nAuthorization: Bearer \(token)\r\n"
            var sockets: [RawSocket] = []
            for stall in [
                "POST /_matrix/media/v3/upload HTTP/1.1\r\n\(head)Content-Length: 1000000\r\n\r\nsome of it",
                "PUT /_matrix/client/v3/presence/x/status HTTP/1.1\r\n\(head)Content-Length: 100\r\n\r\n{",
                "GET /_matrix/client/v1/media/download/\(large) HTTP/1.1\r\n\(head)\r\n",
                "GET /_matrix/client/versions HTTP/1.1\r\nHost: loc",
            ] {
                let socket = try RawSocket(to: try hearth.baseURL)
                try socket.send(stall)
                sockets.append(socket)
            }
            // Long enough for all of them to stall, and for the sync to be held.
            async let held = alice.sync(since: since, timeout: 30_000, setPresence: "online")
            try await Task.sleep(for: .milliseconds(700))
            #expect(try hearth.mediaFiles().contains { $0.hasPrefix("incoming/") }, "an upload is under way")

            let began = ContinuousClock.now
            #expect(try await hearth.terminate() == 0)
            #expect(ContinuousClock.now - began < .seconds(2))
            _ = try await held
            #expect(!hearth.errorOutput.contains("contacts could not be stored"))
            let line = try #require(
                try await hearth.command(["user", "list"]).split(separator: "\n").first { $0.hasPrefix("@alice") })
            #expect(line.split(separator: "\t").last != "-", "\(line)")

            try await hearth.start()
            #expect(try hearth.mediaFiles().allSatisfy { !$0.hasPrefix("incoming/") })
            var count = 0
            #expect(try await alice.download(large) { count += $0.count } == 200)
            #expect(count == 30_000_000)
            for socket in sockets { socket.close(withReset: true) }
        }
    }

    @Test("connections that come while the server stops end no stop but their own, and last contacts are stored")
    func stopsAmidAStorm() async throws {
        try await withHearth { hearth in
            let until = ContinuousClock.now + .seconds(8)
            var stops = 0
            while ContinuousClock.now < until {
                let name = "user\(stops)"
                let user = try await hearth.client.register(name)
                _ = try await user.sync(setPresence: "online")
                let url = try hearth.baseURL
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<4 {
                        group.addTask { await Self.storm(url, asks: number.isMultiple(of: 2)) }
                    }
                    try await Task.sleep(for: .milliseconds(100 + 37 * (stops % 5)))
                    #expect(try await hearth.terminate(within: .seconds(3)) == 0, "stop \(stops)")
                    group.cancelAll()
                    try await group.waitForAll()
                }
                let line = try #require(
                    try await hearth.command(["user", "list"]).split(separator: "\n").first { $0.hasPrefix("@\(name):") })
                #expect(line.split(separator: "\t").last != "-", "\(line)")
                stops += 1
                try await hearth.start()
            }
            #expect(!hearth.errorOutput.contains(" warning "), "\(hearth.errorOutput)")
        }
    }

    /// Connects as fast as it can until it is cancelled, and keeps the last hundred connections open.
    private static func storm(_ url: String, asks: Bool) async {
        var sockets: [RawSocket] = []
        while !Task.isCancelled {
            do {
                let socket = try RawSocket(to: url)
                sockets.append(socket)
                if asks { try socket.send("GET /_matrix/client/versions HTTP/1.1\r\nHost: localhost\r\n\r\n") }
            } catch {
                // Nobody listens any longer.
            }
            if sockets.count > 100 { sockets.removeFirst().close(withReset: true) }
            // Connecting waits for nobody: without this, the tasks that stop the server would have no thread.
            await Task.yield()
        }
        for socket in sockets { socket.close(withReset: false) }
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

import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// A full disk stops writing and nothing else.
@Suite("A full disk")
struct DurabilityDiskFullStory {
    @Test("writes end with a Matrix error and leave nothing half done, reads and held syncs go on, and room heals")
    func fullDisk() async throws {
        let config = FileManager.default.temporaryDirectory.appending(path: "hearth-\(UUID().uuidString).yaml")
        defer { removeFile(config) }
        func limit(to pages: Int) throws { try Data("limits:\n  disk_pages: \(pages)\n".utf8).write(to: config) }
        try limit(to: 180)
        try await withHearth(arguments: ["--config", config.path]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let profile = try await bob.peekProfile(of: alice.userID)
            try await alice.putPresence("busy", statusMessage: "before")

            let kept = try await fill(room, with: alice)
            #expect(kept > 0)
            try await settle(alice)
            let before = try await alice.ownPresence()
            let start = try await quietToken(bob)

            async let held = bob.sync(since: start, timeout: 2_000, setPresence: "offline")
            try await refusedPresence(of: alice, profile: profile, before: before, reader: bob)
            let message = try await alice.request(
                "PUT", "/rooms/\(room)/send/m.room.message/full", body: ["body": .string(String(repeating: "y", count: 30_000))])
            expectRefusal(message)
            let made = try await alice.request("POST", "/createRoom", body: ["name": "no room"])
            expectRefusal(made)
            let account = try await hearth.client.request(
                "POST", "/register", body: ["username": "carol", "password": "pw", "auth": ["type": "m.login.dummy"]])
            expectRefusal(account)

            #expect(try await bob.state("m.room.create", of: room)["room_version"] == "11")
            #expect(try await bob.get("/joined_rooms")["joined_rooms"] == [.string(room)])
            let page = try await bob.get("/rooms/\(room)/messages", query: ["dir": "b", "limit": "1000"])
            #expect(page["chunk"]?.arrayValue?.ofType("m.room.message").count == kept)
            let answer = try await held
            #expect(answer.nextBatch == start)
            #expect(answer.peeked(profile).isEmpty)

            try limit(to: 0)
            try await hearth.restart()
            let id = try await alice.send("m.room.message", ["body": "room again"], to: room, transactionID: "full")
            let news = try await bob.sync(since: start, setPresence: "offline")
            #expect(news.timeline(of: room).map { $0["event_id"] } == [.string(id)])
            try await alice.putPresence("busy", statusMessage: "after")
            #expect(try await bob.state("m.status", of: profile)["text"] == "after")
            _ = try await hearth.client.register("carol")
        }
    }

    /// Sends messages, the large ones first, until none fits any more; returns how many were kept.
    private func fill(_ room: String, with client: MatrixClient) async throws -> Int {
        var kept = 0
        for size in [20_000, 3_000, 300, 1] {
            while true {
                let answer = try await client.request(
                    "PUT", "/rooms/\(room)/send/m.room.message/fill-\(size)-\(kept)",
                    body: ["body": .string(String(repeating: "x", count: size))])
                if answer.status != 200 {
                    expectRefusal(answer)
                    break
                }
                kept += 1
                try #require(kept < 5_000, "the disk never got full")
            }
        }
        return kept
    }

    /// Changes presence and status, which are small, until they do not fit either.
    private func settle(_ client: MatrixClient) async throws {
        for number in 0..<2_000 {
            let answer = try await client.request("PUT", "/presence/\(client.userID)/status", body: Self.choice(number))
            if answer.status != 200 { return expectRefusal(answer) }
        }
        Issue.record("presence always fitted")
    }

    private static func choice(_ number: Int) -> JSON {
        [
            "presence": number % 2 == 0 ? "unavailable" : "busy", "io.hearth.manual": true,
            "status_msg": .string("\(number) " + String(repeating: "z", count: 200)),
        ]
    }

    /// A refused PUT shows nowhere: not in one's own view, not in the profile room.
    private func refusedPresence(of client: MatrixClient, profile: String, before: JSON, reader: MatrixClient) async throws {
        let status = try await reader.state("m.status", of: profile)
        let presence = try await reader.state("m.presence", of: profile)
        for word in ["busy", "unavailable", "offline", "online"] {
            let answer = try await client.request(
                "PUT", "/presence/\(client.userID)/status",
                body: [
                    "presence": .string(word), "io.hearth.manual": true,
                    "status_msg": .string(word + String(repeating: "w", count: 240)),
                ])
            expectRefusal(answer)
            let view = try await client.ownPresence()
            #expect(view["io.hearth.manual"] == before["io.hearth.manual"], "after a refused \(word)")
            #expect(view["presence"] == before["presence"], "after a refused \(word)")
            #expect(try await reader.state("m.status", of: profile) == status)
            #expect(try await reader.state("m.presence", of: profile) == presence)
        }
    }

    /// Syncs until there is nothing new, and returns the token.
    private func quietToken(_ client: MatrixClient) async throws -> String {
        var token = try await client.sync(setPresence: "offline").nextBatch
        while true {
            let next = try await client.sync(since: token, setPresence: "offline").nextBatch
            if next == token { return token }
            token = next
        }
    }

    private func expectRefusal(_ answer: MatrixResponse, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(answer.status == 503, "\(answer.json.text)", sourceLocation: sourceLocation)
        #expect(answer.errorCode?.hasPrefix("M_") == true, sourceLocation: sourceLocation)
        #expect(answer["error"]?.stringValue?.isEmpty == false, sourceLocation: sourceLocation)
    }

    private func removeFile(_ file: URL) {
        do {
            try FileManager.default.removeItem(at: file)
        } catch {
            Issue.record("cannot remove \(file.path): \(error)")
        }
    }
}

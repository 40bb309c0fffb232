import HearthTestKit
import MatrixModel
import Testing

@Suite("Counts and redactions")
struct RedactedCountsStory {
    private func counts(_ client: MatrixClient, of room: String) async throws -> [Int64?] {
        let sync = try await client.sync(setPresence: "offline")
        let unread = sync["rooms", "join", room, "unread_notifications"]
        return [unread?["notification_count"]?.integerValue, unread?["highlight_count"]?.integerValue]
    }

    @Test(
        "redacting a message takes back its unread and highlight counts and its notification, in a held sync and after a restart too"
    )
    func counts() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            try await alice.sendText("plain", to: room)
            let mention = try await alice.sendText("bob, look", to: room)
            #expect(try await counts(bob, of: room) == [2, 1])
            let since = try await bob.sync(setPresence: "offline").nextBatch
            async let held = bob.sync(since: since, timeout: 20_000, setPresence: "offline")
            try await alice.put("/rooms/\(room)/redact/\(mention)/t", [:])
            let news = try await held
            #expect(news["rooms", "join", room, "unread_notifications"] == ["notification_count": 1, "highlight_count": 0])
            for _ in 0..<2 {
                #expect(try await counts(bob, of: room) == [1, 0])
                let listed = try await bob.get("/notifications").json["notifications"]?.arrayValue ?? []
                #expect(listed.count == 1 && !listed.contains { $0["event", "event_id"] == .string(mention) })
                try await hearth.restart()
            }
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Account data of a room that was written while the device did not follow the room.
@Suite("Account data of rooms in /sync")
struct RoomAccountDataStory {
    private func tag(_ room: String, by client: MatrixClient) async throws {
        try await client.put("/user/\(client.userID)/rooms/\(room)/account_data/m.tag", ["tags": ["u.den": [:]]])
    }

    private func tags(_ answer: SyncResponse, _ section: String, _ room: String) -> [JSON] {
        answer.json.events(at: "rooms", section, room, "account_data").ofType("m.tag")
    }

    @Test("what was written while the user was only invited comes with the join, once")
    func invited() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await bob.createRoom(["invite": [.string(alice.userID)]])
            let start = try await alice.sync(setPresence: "offline")
            try await tag(room, by: alice)
            let invited = try await alice.sync(since: start.nextBatch, setPresence: "offline")
            #expect(invited["rooms", "join"] == nil)
            try await alice.post("/join/\(room)")
            let joined = try await alice.sync(since: invited.nextBatch, setPresence: "offline")
            #expect(tags(joined, "join", room).count == 1)
            let both = try await alice.sync(since: start.nextBatch, setPresence: "offline")
            #expect(tags(both, "join", room).count == 1, "no item stands there twice")
            try await bob.sendText("news", to: room)
            let news = try await alice.sync(since: joined.nextBatch, setPresence: "offline")
            #expect(tags(news, "join", room).isEmpty)
        }
    }

    @Test("what was written before or after a leave comes with the next join")
    func rejoined() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await bob.createRoom(["preset": "public_chat"])
            try await alice.post("/join/\(room)")
            try await alice.post("/rooms/\(room)/leave")
            let left = try await alice.sync(setPresence: "offline")
            try await tag(room, by: alice)
            let tagged = try await alice.sync(since: left.nextBatch, setPresence: "offline")
            try await alice.post("/join/\(room)")
            let joined = try await alice.sync(since: tagged.nextBatch, setPresence: "offline")
            #expect(tags(joined, "join", room).count == 1)
        }
    }

    @Test("a peek shows it whole at first, then what is new, and a join that follows tells nothing again")
    func peeked() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let state: JSON = [
                ["type": "m.room.history_visibility", "state_key": "", "content": ["history_visibility": "world_readable"]]
            ]
            let room = try await bob.createRoom(["preset": "public_chat", "initial_state": state])
            try await alice.post("/join/\(room)")
            try await alice.post("/rooms/\(room)/leave")
            try await tag(room, by: alice)
            let start = try await alice.sync(setPresence: "offline")
            try await alice.peek(room)
            let first = try await alice.sync(since: start.nextBatch, setPresence: "offline")
            #expect(tags(first, "peek", room).count == 1)
            let whole = try await alice.sync(setPresence: "offline")
            #expect(tags(whole, "peek", room).count == 1)
            try await tag(room, by: alice)
            let news = try await alice.sync(since: first.nextBatch, timeout: 10_000, setPresence: "offline")
            #expect(tags(news, "peek", room).count == 1)
            #expect(news["rooms", "join"] == nil && news["rooms", "leave"] == nil)
            try await alice.post("/join/\(room)")
            let joined = try await alice.sync(since: news.nextBatch, setPresence: "offline")
            #expect(tags(joined, "join", room).isEmpty)
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Peeks (MSC2753) over real HTTP.
@Suite("Peeking")
struct PeekStory {
    /// A room of alice's that everybody may read.
    private func readableRoom(of alice: MatrixClient, visibility: String = "world_readable") async throws -> String {
        let state: JSON = [
            ["type": "m.room.history_visibility", "state_key": "", "content": ["history_visibility": .string(visibility)]]
        ]
        return try await alice.createRoom(["preset": "public_chat", "initial_state": state, "room_alias_name": "square"])
    }

    @Test("a peek shows the room in rooms.peek, whole at first, then what is new, until it is unpeeked")
    func lifeOfAPeek() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await readableRoom(of: alice)
            try await alice.sendText("hello", to: room)
            let start = try await bob.sync(setPresence: "offline")
            let answer = try await bob.post("/peek/\("#square:localhost")")
            #expect(answer["room_id"]?.stringValue == room)
            #expect(answer["peek_expiry_ts"]?.integerValue != nil)

            let first = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            let shown = first.peeked(room)
            #expect(shown.ofType("m.room.create").count == 1)
            #expect(shown.ofType("m.room.message").last?["content", "body"] == "hello")
            #expect(first["rooms", "join"] == nil)
            // The same token tells the same again.
            let again = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(again.peeked(room) == shown)

            async let held = bob.sync(since: first.nextBatch, timeout: 10_000, setPresence: "offline")
            try await alice.sendText("news", to: room)
            let news = try await held
            #expect(news.peeked(room).ofType("m.room.message").last?["content", "body"] == "news")
            #expect(news.state(of: room, in: "peek").isEmpty)

            async let ended = bob.sync(since: news.nextBatch, timeout: 10_000, setPresence: "offline")
            try await bob.unpeek(room)
            let end = try await ended
            #expect(end["rooms", "leave", room] != nil)
            #expect(try await bob.post("/rooms/\(room)/unpeek", expecting: 400).errorCode == "M_BAD_STATE")
            try await alice.sendText("unseen", to: room)
            let after = try await bob.sync(since: end.nextBatch, setPresence: "offline")
            #expect(after["rooms", "peek"] == nil && after["rooms", "leave"] == nil)
            let whole = try await bob.sync(setPresence: "offline")
            #expect(whole["rooms", "leave"] == nil, "an initial sync shows no ended peek")
        }
    }

    @Test("a peek is one device's, and survives a restart")
    func onePerDevice() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let tablet = try await hearth.client.login("bob")
            let room = try await readableRoom(of: alice)
            try await bob.peek(room)
            let start = try await bob.sync(setPresence: "offline")
            let other = try await tablet.sync(setPresence: "offline")
            #expect(start["rooms", "peek", room] != nil)
            #expect(other["rooms", "peek"] == nil)
            try await hearth.restart()
            try await alice.sendText("after the restart", to: room)
            let news = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(news.peeked(room).ofType("m.room.message").last?["content", "body"] == "after the restart")
            #expect(news.state(of: room, in: "peek").isEmpty)
        }
    }

    @Test("peeks are refused where they cannot be")
    func refusals() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let closed = try await alice.createRoom(["preset": "private_chat"])
            #expect(try await bob.post("/peek/\(closed)", expecting: 403).errorCode == "M_FORBIDDEN")
            #expect(try await bob.post("/peek/!unknown:localhost", expecting: 404).errorCode == "M_NOT_FOUND")
            #expect(try await bob.post("/peek/\("#unknown:localhost")", expecting: 404).errorCode == "M_NOT_FOUND")
            let room = try await readableRoom(of: alice)
            #expect(try await alice.post("/peek/\(room)", expecting: 400).errorCode == "M_BAD_STATE")
            // One's own profile room is exempt, and shows nowhere but in rooms.peek.
            let own = try await alice.peekProfile(of: alice.userID)
            let sync = try await alice.sync(setPresence: "offline")
            #expect(sync["rooms", "peek", own] != nil)
            #expect(sync["rooms", "join", own] == nil)
            let joined = try await alice.get("/joined_rooms")
            #expect(joined["joined_rooms"]?.arrayValue?.contains(.string(own)) == false)
        }
    }

    @Test("who joins while peeking goes on without the state again")
    func joinWhilePeeking() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await readableRoom(of: alice)
            try await bob.peek(room)
            let start = try await bob.sync(setPresence: "offline")
            try await bob.join(room)
            let joined = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(joined["rooms", "peek"] == nil)
            #expect(joined["rooms", "leave"] == nil)
            #expect(joined.state(of: room).isEmpty)
            #expect(joined.timeline(of: room).ofType("m.room.member").last?["state_key"]?.stringValue == bob.userID)
        }
    }

    @Test("a room that closes ends the peeks into it")
    func visibilityChangedAway() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await readableRoom(of: alice)
            try await bob.peek(room)
            let start = try await bob.sync(setPresence: "offline")
            async let held = bob.sync(since: start.nextBatch, timeout: 10_000, setPresence: "offline")
            try await alice.setState("m.room.history_visibility", ["history_visibility": "shared"], in: room)
            let end = try await held
            #expect(end["rooms", "leave", room] != nil)
            #expect(end.peeked(room).isEmpty)
        }
    }

    @Test("a peek ends by itself when its time is over, and a renewal puts that off")
    func expiry() async throws {
        try await withHearth(settings: ["peek.lifetime": "4s"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await readableRoom(of: alice)
            let first = try await bob.post("/peek/\(room)")["peek_expiry_ts"]?.integerValue ?? 0
            let start = try await bob.sync(setPresence: "offline")
            let second = try await bob.post("/peek/\(room)")["peek_expiry_ts"]?.integerValue ?? 0
            #expect(second > first)
            let end = try await bob.syncUntil(since: start.nextBatch) { $0["rooms", "leave", room] != nil }
            #expect(end.peeked(room).isEmpty)
        }
    }

    @Test("strangers read a world readable room and nothing else")
    func readingWithoutAPeek() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let open = try await readableRoom(of: alice)
            let event = try await alice.sendText("hello", to: open)
            for path: MatrixPath in [
                "/rooms/\(open)/state", "/rooms/\(open)/state/m.room.create", "/rooms/\(open)/state/m.room.create/",
                "/rooms/\(open)/members", "/rooms/\(open)/messages?dir=b", "/rooms/\(open)/context/\(event)",
                "/rooms/\(open)/event/\(event)",
            ] {
                _ = try await bob.get(path)
            }
            let closed = try await alice.createRoom(["preset": "private_chat"])
            let secret = try await alice.sendText("secret", to: closed)
            for path: MatrixPath in [
                "/rooms/\(closed)/state", "/rooms/\(closed)/state/m.room.create", "/rooms/\(closed)/members",
                "/rooms/\(closed)/messages?dir=b", "/rooms/\(closed)/context/\(secret)",
            ] {
                #expect(try await bob.get(path, expecting: 403).errorCode == "M_FORBIDDEN", "\(path)")
            }
            #expect(try await bob.get("/rooms/\(closed)/event/\(secret)", expecting: 404).errorCode == "M_NOT_FOUND")
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

@Suite("Typing")
struct TypingStory {
    /// Two users in one room, each with a token of their first sync.
    private func story(
        _ body: (HearthProcess, _ alice: MatrixClient, _ bob: MatrixClient, _ room: String) async throws -> Void
    ) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            try await body(hearth, alice, bob, room)
        }
    }

    @Test("a held sync tells who types, and that they stopped when they have sent it")
    func typesAndSends() async throws {
        try await story { _, alice, bob, room in
            let start = try await bob.sync(setPresence: "offline")
            #expect(start.typing(in: room) == nil)
            // Somebody's presence may be told before.
            async let held = bob.syncUntil(since: start.nextBatch) { $0.typing(in: room) != nil }
            try await alice.putTyping(in: room, for: 30_000)
            let typing = try await held
            #expect(typing.typing(in: room) == [alice.userID])
            #expect(typing.timeline(of: room).isEmpty)
            try await alice.putTyping(in: room, for: 30_000)
            let quiet = try await bob.sync(since: typing.nextBatch, timeout: 200, setPresence: "offline")
            #expect(quiet.typing(in: room) == nil, "who goes on typing is no news")
            try await alice.sendText("sent", to: room)
            let sent = try await bob.syncUntil(since: typing.nextBatch) { $0.typing(in: room) != nil }
            #expect(sent.typing(in: room) == [])
        }
    }

    @Test("who says no more stops by time, and that ends a held sync")
    func expires() async throws {
        try await story { _, alice, bob, room in
            try await alice.putTyping(in: room, for: 5_000)
            let typing = try await bob.sync(setPresence: "offline")
            #expect(typing.typing(in: room) == [alice.userID])
            let begin = ContinuousClock.now
            let stopped = try await bob.syncUntil(since: typing.nextBatch) { $0.typing(in: room) != nil }
            #expect(stopped.typing(in: room) == [])
            #expect(ContinuousClock.now - begin < .seconds(10))
        }
    }

    @Test("stopping, leaving and being removed are told too")
    func ends() async throws {
        try await story { _, alice, bob, room in
            var since = try await alice.sync(setPresence: "offline").nextBatch
            for end in ["stop", "leave", "kick"] {
                try await bob.join(room)
                try await bob.putTyping(in: room, for: 30_000)
                let typing = try await alice.syncUntil(since: since) { $0.typing(in: room) == [bob.userID] }
                switch end {
                case "stop": try await bob.putTyping(in: room, for: nil)
                case "leave": try await bob.leave(room)
                default: try await alice.post("/rooms/\(room)/kick", ["user_id": .string(bob.userID)])
                }
                since = try await alice.syncUntil(since: typing.nextBatch) { $0.typing(in: room) == [] }.nextBatch
            }
        }
    }

    @Test("after a restart nobody types, and a client that heard otherwise is told so")
    func restart() async throws {
        try await story { hearth, alice, bob, room in
            try await alice.putTyping(in: room, for: 30_000)
            let typing = try await bob.sync(setPresence: "offline")
            #expect(typing.typing(in: room) == [alice.userID])
            try await hearth.restart()
            let after = try await bob.sync(since: typing.nextBatch, setPresence: "offline")
            #expect(after.typing(in: room) == [])
            #expect(try await bob.sync(setPresence: "offline").typing(in: room) == nil)
        }
    }

    @Test("only members type, and each for themselves; a filter leaves typing out")
    func refusals() async throws {
        try await story { hearth, alice, bob, room in
            let mallory = try await hearth.client.register("mallory")
            #expect(try await mallory.putTyping(in: room, for: 1000, expecting: 403).errorCode == "M_FORBIDDEN")
            let other = try await bob.put("/rooms/\(room)/typing/\(alice.userID)", ["typing": true], expecting: 403)
            #expect(other.errorCode == "M_FORBIDDEN")
            let path: MatrixPath = "/rooms/\(room)/typing/\(bob.userID)"
            #expect(try await bob.put(path, ["timeout": 5], expecting: 400).errorCode == "M_MISSING_PARAM")
            #expect(try await bob.put(path, ["typing": "yes"], expecting: 400).errorCode == "M_BAD_JSON")
            #expect(try await bob.put(path, ["typing": true, "timeout": -1], expecting: 400).errorCode == "M_BAD_JSON")
            try await bob.put(path, ["typing": true])
            let filter: JSON = ["room": ["ephemeral": ["not_types": ["m.typing"]]]]
            #expect(try await alice.sync(setPresence: "offline", filter: filter).typing(in: room) == nil)
            #expect(try await alice.sync(setPresence: "offline").typing(in: room) == [bob.userID])
        }
    }

    @Test(
        "typing ends for whoever is not in the room any more, whichever way that came, and for a device that is logged out",
        arguments: ["ban", "state event", "deactivation", "log-out", "another device's deletion of it"])
    func everyEnd(way: String) async throws {
        try await story { hearth, alice, bob, room in
            let since = try await alice.sync(setPresence: "offline").nextBatch
            try await bob.putTyping(in: room, for: 30_000)
            let typing = try await alice.syncUntil(since: since) { $0.typing(in: room) == [bob.userID] }
            let password: JSON = [
                "auth": [
                    "type": "m.login.password", "password": "correct horse battery staple",
                    "identifier": ["type": "m.id.user", "user": .string(bob.userID)],
                ]
            ]
            switch way {
            case "ban": try await alice.post("/rooms/\(room)/ban", ["user_id": .string(bob.userID)])
            case "state event": try await alice.setState("m.room.member", key: bob.userID, ["membership": "leave"], in: room)
            case "deactivation": try await bob.post("/account/deactivate", password)
            case "log-out": try await bob.logOut()
            default:
                let other = try await hearth.client.login("bob")
                _ = try await other.request("DELETE", "/devices/\(bob.deviceID)", body: password)
            }
            let ended = try await alice.syncUntil(since: typing.nextBatch, within: .seconds(5)) { $0.typing(in: room) != nil }
            #expect(ended.typing(in: room) == [])
            if way == "ban" {
                try await alice.post("/rooms/\(room)/unban", ["user_id": .string(bob.userID)])
                try await bob.join(room)
                try await alice.putTyping(in: room, for: 30_000)
                let now = try await alice.sync(setPresence: "offline")
                #expect(now.typing(in: room) == [alice.userID], "what was said before is over")
            }
        }
    }
}

import Foundation
import HearthTestKit
import MatrixModel
import Testing

@Suite("Relations and edits")
struct RelationStory {
    private static func ids(_ response: MatrixResponse, _ key: String = "chunk") -> [String] {
        (response[key]?.arrayValue ?? []).compactMap { $0["event_id"]?.stringValue }
    }

    private static func relations(
        of event: String, _ rest: String = "", in room: String, by client: MatrixClient, _ query: [String: String] = [:],
        expecting status: Int = 200
    ) async throws -> MatrixResponse {
        try await client.get(
            "/_matrix/client/v1/rooms/\(room)/relations/\(event)\(raw: rest)", query: query, expecting: status)
    }

    private static func react(_ key: String, to event: String, in room: String, by client: MatrixClient) async throws -> String {
        try await client.send(
            "m.reaction", ["m.relates_to": ["rel_type": "m.annotation", "event_id": .string(event), "key": .string(key)]],
            to: room)
    }

    private static func edit(_ event: String, _ text: String, in room: String, by client: MatrixClient) async throws -> String {
        let content: JSON = [
            "msgtype": "m.text", "body": .string("* " + text), "m.new_content": ["msgtype": "m.text", "body": .string(text)],
            "m.relates_to": ["rel_type": "m.replace", "event_id": .string(event)],
        ]
        return try await client.send("m.room.message", content, to: room)
    }

    /// Two members of one room, and a message of alice in it.
    private func story(
        _ body: (HearthProcess, _ alice: MatrixClient, _ bob: MatrixClient, _ room: String, _ message: String) async throws ->
            Void
    ) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            try await body(hearth, alice, bob, room, try await alice.sendText("original", to: room))
        }
    }

    @Test("what names an event of another room relates to nothing, and takes no place of what does")
    func otherRooms() async throws {
        try await story { _, alice, bob, room, message in
            let own = try await bob.createRoom()
            let reply: JSON = [
                "msgtype": "m.text", "body": "x", "m.relates_to": ["rel_type": "m.thread", "event_id": .string(message)],
            ]
            let honest = try await alice.send("m.room.message", reply, to: room)
            for _ in 0..<20 { _ = try await bob.send("m.room.message", reply, to: own) }
            for query in [["limit": "1"], ["recurse": "true"]] {
                let answer = try await Self.relations(of: message, in: room, by: alice, query)
                #expect(Self.ids(answer) == [honest])
                #expect(answer["next_batch"] == nil)
            }
        }
    }

    @Test("what relates to an event is found by kind and type, in both directions and page by page")
    func pages() async throws {
        try await story { _, alice, bob, room, message in
            var reactions: [String] = []
            for number in 1...5 { reactions.append(try await Self.react("\(number)", to: message, in: room, by: bob)) }
            let edit = try await Self.edit(message, "edited", in: room, by: alice)
            let all = try await Self.relations(of: message, in: room, by: bob)
            #expect(Self.ids(all) == [edit] + reactions.reversed())
            #expect(all["next_batch"] == nil && all["prev_batch"] == nil && all["recursion_depth"] == nil)
            #expect(all["chunk"]?.arrayValue?.first?["room_id"] == .string(room))
            #expect(Self.ids(try await Self.relations(of: message, "/m.replace", in: room, by: bob)) == [edit])
            #expect(Self.ids(try await Self.relations(of: message, "/m.annotation/m.room.message", in: room, by: bob)) == [])
            #expect(Self.ids(try await Self.relations(of: message, "/m.annotation/m.reaction", in: room, by: bob)).count == 5)
            for (direction, expected) in [("b", Array(reactions.reversed())), ("f", reactions)] {
                var found: [String] = []
                var query = ["limit": "2", "dir": direction]
                repeat {
                    let page = try await Self.relations(of: message, "/m.annotation", in: room, by: bob, query)
                    #expect(Self.ids(page).count <= 2)
                    #expect(page["prev_batch"]?.stringValue == query["from"])
                    found += Self.ids(page)
                    query["from"] = page["next_batch"]?.stringValue
                } while query["from"] != nil && found.count < 10
                #expect(found == expected)
            }
        }
    }

    @Test(
        "nobody says the same of an event twice, until it is redacted; another key, another type, another person are something else"
    )
    func duplicates() async throws {
        try await story { hearth, alice, bob, room, message in
            func react(
                _ key: JSON, by client: MatrixClient, _ type: String = "m.reaction", to event: String,
                expecting status: Int = 200, as id: String = UUID().uuidString
            ) async throws -> MatrixResponse {
                let relation: JSON = ["rel_type": "m.annotation", "event_id": .string(event), "key": key]
                let path: MatrixPath = "/rooms/\(room)/send/\(type)/\(id)"
                return try await client.put(path, ["m.relates_to": relation], expecting: status)
            }
            let first = try await react("👍", by: alice, to: message, as: "t1").string("event_id")
            #expect(try await react("👍", by: alice, to: message, as: "t1").string("event_id") == first, "the same request")
            let again = try await react("👍", by: alice, to: message, expecting: 400)
            #expect(again.errorCode == "M_DUPLICATE_ANNOTATION")
            for key in ["👍🏽", "e\u{301}", "\u{E9}", ""] { _ = try await react(.string(key), by: alice, to: message) }
            _ = try await react("👍", by: bob, to: message)
            _ = try await react("👍", by: alice, "org.example.reaction", to: message)
            // No key, no annotation; what is not there cannot be annotated.
            for _ in 1...2 {
                _ = try await react(5, by: alice, to: message)
                _ = try await react("👍", by: alice, to: "$nothing")
            }
            try await hearth.restart()
            #expect(try await react("👍", by: alice, to: message, expecting: 400).errorCode == "M_DUPLICATE_ANNOTATION")
            try await alice.put("/rooms/\(room)/redact/\(first)/r1", [:])
            _ = try await react("👍", by: alice, to: message)
            #expect(try await react("👍", by: alice, to: message, expecting: 400).errorCode == "M_DUPLICATE_ANNOTATION")
        }
    }

    @Test("indirect relations are found when they are asked for")
    func recursion() async throws {
        try await story { _, alice, bob, room, message in
            let reply = try await alice.send(
                "m.room.message",
                ["msgtype": "m.text", "body": "x", "m.relates_to": ["rel_type": "m.thread", "event_id": .string(message)]],
                to: room)
            let reaction = try await Self.react("+", to: reply, in: room, by: bob)
            let deep = try await Self.react("++", to: reaction, in: room, by: bob)
            let tooDeep = try await Self.react("+++", to: deep, in: room, by: bob)
            #expect(Self.ids(try await Self.relations(of: message, in: room, by: bob)) == [reply])
            let all = try await Self.relations(of: message, in: room, by: bob, ["recurse": "true"])
            #expect(Self.ids(all) == [deep, reaction, reply])
            #expect(all["recursion_depth"] == 3)
            #expect(!Self.ids(all).contains(tooDeep))
            let annotations = try await Self.relations(
                of: message, "/m.annotation", in: room, by: bob, ["recurse": "true", "dir": "f"])
            #expect(Self.ids(annotations) == [reaction, deep])
            let first = try await Self.relations(of: message, in: room, by: bob, ["recurse": "true", "limit": "1"])
            let query = ["recurse": "true", "limit": "5", "from": try first.string("next_batch")]
            #expect(Self.ids(try await Self.relations(of: message, in: room, by: bob, query)) == [reaction, reply])
        }
    }

    @Test("the newest edit by the same sender comes with the event, wherever that is read")
    func edits() async throws {
        try await story { hearth, alice, bob, room, message in
            let start = try await bob.sync(setPresence: "offline")
            let later = try await alice.sendText("later", to: room)
            _ = try await Self.edit(message, "by a stranger", in: room, by: bob)
            _ = try await Self.edit(message, "first", in: room, by: alice)
            let second = try await Self.edit(message, "second", in: room, by: alice)
            let laterEdit = try await Self.edit(later, "later, edited", in: room, by: alice)
            func edit(of id: String, in events: [JSON]) -> String? {
                events.first { $0["event_id"] == .string(id) }?["unsigned", "m.relations", "m.replace", "event_id"]?.stringValue
            }
            let delta = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(edit(of: later, in: delta.timeline(of: room)) == laterEdit)
            for restarts in [false, true] {
                if restarts { try await hearth.restart() }
                let filter: JSON = ["room": ["timeline": ["limit": 50]]]
                let whole = try await bob.sync(setPresence: "offline", filter: filter).timeline(of: room)
                #expect(edit(of: message, in: whole) == second)
                #expect(whole.allSatisfy { $0["event_id"] != .string(second) || $0["unsigned", "m.relations"] == nil })
                let single = try await bob.get("/rooms/\(room)/event/\(message)").json
                #expect(edit(of: message, in: [single]) == second)
                let bundled = single["unsigned", "m.relations", "m.replace"]
                #expect(bundled?["content", "m.new_content", "body"] == "second")
                #expect(bundled?["room_id"] == .string(room) && bundled?["sender"] == .string(alice.userID))
                let messages = try await bob.get("/rooms/\(room)/messages", query: ["dir": "b", "limit": "50"])
                #expect(edit(of: message, in: messages["chunk"]?.arrayValue ?? []) == second)
                let context = try await bob.get("/rooms/\(room)/context/\(later)")
                #expect(edit(of: message, in: context["events_before"]?.arrayValue ?? []) == second)
                #expect(edit(of: later, in: [context["event"] ?? .null]) == laterEdit)
                if restarts {
                    let stored = try await bob.sync(since: start.nextBatch, setPresence: "offline")
                    #expect(edit(of: later, in: stored.timeline(of: room)) == laterEdit)
                }
            }
        }
    }

    @Test("a redacted relation is one no more, and a redacted message shows no edit")
    func redaction() async throws {
        try await story { _, alice, bob, room, message in
            let first = try await Self.edit(message, "first", in: room, by: alice)
            let second = try await Self.edit(message, "second", in: room, by: alice)
            let reaction = try await Self.react("+", to: message, in: room, by: bob)
            for (event, client) in [(second, alice), (reaction, bob)] {
                try await client.put("/rooms/\(room)/redact/\(event)/\("r-" + event)")
            }
            #expect(Self.ids(try await Self.relations(of: message, in: room, by: bob)) == [first])
            let path: MatrixPath = "/rooms/\(room)/event/\(message)"
            #expect(try await bob.get(path).json["unsigned", "m.relations", "m.replace", "event_id"] == .string(first))
            try await alice.put("/rooms/\(room)/redact/\(message)/r-m")
            #expect(try await bob.get(path).json["unsigned", "m.relations"] == nil)
            #expect(try await bob.get(path).json["unsigned", "redacted_because"] != nil)
        }
    }

    @Test("who may not see an event finds nothing that relates to it, and not even that it is there")
    func visibility() async throws {
        try await story { hearth, alice, bob, room, message in
            _ = try await Self.react("before", to: message, in: room, by: alice)
            try await alice.setState("m.room.history_visibility", ["history_visibility": "joined"], in: room)
            try await bob.leave(room)
            let hidden = try await Self.react("hidden", to: message, in: room, by: alice)
            _ = try await Self.edit(message, "hidden", in: room, by: alice)
            try await bob.join(room)
            let seen = try await Self.relations(of: message, in: room, by: bob)
            #expect(Self.ids(seen).count == 1 && !Self.ids(seen).contains(hidden))
            #expect(try await bob.get("/rooms/\(room)/event/\(message)").json["unsigned", "m.relations"] == nil)
            let mallory = try await hearth.client.register("mallory")
            for (event, client) in [(message, mallory), ("$nothing", bob)] {
                let refused = try await Self.relations(of: event, in: room, by: client, expecting: 404)
                #expect(refused.errorCode == "M_NOT_FOUND")
            }
            for query in [["dir": "x"], ["from": "x"], ["to": "x"], ["limit": "-1"], ["recurse": "maybe"]] {
                let refused = try await Self.relations(of: message, in: room, by: bob, query, expecting: 400)
                #expect(refused.errorCode == "M_INVALID_PARAM")
            }
        }
    }
}

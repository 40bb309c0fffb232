import HearthTestKit
import MatrixModel
import Testing

/// Rooms over real HTTP: who gets in, who sees what, what stays the same.
@Suite("Rooms")
struct RoomStory {
    @Test("an invitation is shown, accepted, and the room is left and forgotten", arguments: ["11", "12"])
    func lifeOfAMembership(version: String) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let start = try await bob.sync(setPresence: "offline")
            let room = try await alice.createRoom([
                "name": "Den", "invite": ["@bob:localhost"], "is_direct": true, "room_version": .string(version),
            ])
            #expect(room.contains(":") == (version == "11"))
            let invited = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            let shown = invited.json.events(at: "rooms", "invite", room, "invite_state")
            #expect(shown.ofType("m.room.name").last?["content", "name"] == "Den")
            #expect(shown.ofType("m.room.member", stateKey: bob.userID).last?["content", "is_direct"] == true)
            #expect(shown.allSatisfy { $0["event_id"] == nil })

            try await bob.join(room)
            let joined = try await bob.sync(since: invited.nextBatch, setPresence: "offline")
            let all = joined.state(of: room) + joined.timeline(of: room)
            #expect(all.ofType("m.room.create").count == 1)
            #expect(try await bob.get("/joined_rooms")["joined_rooms"] == [.string(room)])

            try await alice.sendText("good bye", to: room)
            try await bob.leave(room)
            let left = try await bob.sync(since: joined.nextBatch, setPresence: "offline")
            let farewell = left.timeline(of: room, in: "leave")
            #expect(farewell.ofType("m.room.message").last?["content", "body"] == "good bye")
            #expect(farewell.ofType("m.room.member").last?["content", "membership"] == "leave")
            let unseen = try await alice.sendText("unseen", to: room)
            #expect(try await bob.get("/rooms/\(room)/event/\(unseen)", expecting: 404).errorCode == "M_NOT_FOUND")
            try await bob.post("/rooms/\(room)/forget")
            #expect(try await bob.get("/rooms/\(room)/messages?dir=b", expecting: 403).errorCode == "M_FORBIDDEN")
        }
    }

    @Test("kick, ban and unban do what they say, for those with the power")
    func moderation() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let target: JSON = ["user_id": "@alice:localhost"]
            #expect(try await bob.post("/rooms/\(room)/kick", target, expecting: 403).errorCode == "M_FORBIDDEN")
            try await alice.post("/rooms/\(room)/kick", ["user_id": "@bob:localhost", "reason": "noise"])
            try await bob.join(room)
            try await alice.post("/rooms/\(room)/ban", ["user_id": "@bob:localhost"])
            #expect(try await bob.post("/join/\(room)", expecting: 403).errorCode == "M_FORBIDDEN")
            try await alice.post("/rooms/\(room)/unban", ["user_id": "@bob:localhost"])
            try await bob.join(room)
            let members = try await alice.get("/rooms/\(room)/joined_members")
            #expect(members["joined", "@bob:localhost"] != nil)
        }
    }

    @Test("the same transaction is the same event, across a restart too, and only its device is told of it")
    func transactions() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let room = try await alice.createRoom()
            let start = try await alice.sync(setPresence: "offline")
            let message: JSON = ["msgtype": "m.text", "body": "once"]
            let first = try await alice.send("m.room.message", message, to: room, transactionID: "t/1")
            #expect(try await alice.send("m.room.message", message, to: room, transactionID: "t/1") == first)
            #expect(try await tablet.send("m.room.message", message, to: room, transactionID: "t/1") != first)
            try await hearth.restart()
            #expect(try await alice.send("m.room.message", message, to: room, transactionID: "t/1") == first)
            let own = try await alice.sync(since: start.nextBatch, setPresence: "offline").timeline(of: room)
            #expect(own.count == 2)
            #expect(own.first?["unsigned", "transaction_id"] == "t/1")
            #expect(own.last?["unsigned", "transaction_id"] == nil)
        }
    }

    @Test("a redaction takes the content for everybody, now and later")
    func redaction() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let start = try await bob.sync(setPresence: "offline")
            let event = try await alice.sendText("oops", to: room)
            #expect(try await bob.put("/rooms/\(room)/redact/\(event)/t1", expecting: 403).errorCode == "M_FORBIDDEN")
            let redaction = try await alice.put("/rooms/\(room)/redact/\(event)/t1", ["reason": "typo"]).string("event_id")
            let shown = try await bob.sync(since: start.nextBatch, setPresence: "offline").timeline(of: room)
            #expect(shown.first?["content"] == [:])
            #expect(shown.first?["unsigned", "redacted_because", "event_id"]?.stringValue == redaction)
            let fetched = try await bob.get("/rooms/\(room)/event/\(event)")
            #expect(fetched["content"] == [:])
        }
    }

    @Test("paging back and forth shows every message once", arguments: [1, 3, 100])
    func paging(limit: Int) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            for number in 0..<12 { try await alice.sendText("message \(number)", to: room) }
            func walk(_ direction: String) async throws -> [String] {
                var texts: [String] = []
                var from = ""
                for _ in 0..<100 {
                    let page = try await alice.get(
                        "/rooms/\(room)/messages", query: ["dir": direction, "limit": String(limit), "from": from])
                    texts += (page["chunk"]?.arrayValue ?? []).compactMap { $0["content", "body"]?.stringValue }
                    guard let end = page["end"]?.stringValue else { return texts }
                    from = end
                }
                Issue.record("paging did not end")
                return texts
            }
            let expected = (0..<12).map { "message \($0)" }
            #expect(try await walk("b") == expected.reversed())
            #expect(try await walk("f") == expected)
        }
    }

    @Test("aliases are made, found and taken away; those of profile rooms are nobody's")
    func aliases() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom()
            try await alice.put("/directory/room/\("#den:localhost")", ["room_id": .string(room)])
            #expect(
                try await alice.put("/directory/room/\("#den:localhost")", ["room_id": .string(room)], expecting: 409).errorCode
                    == "M_UNKNOWN")
            #expect(try await bob.get("/directory/room/\("#den:localhost")")["room_id"]?.stringValue == room)
            #expect(try await bob.delete("/directory/room/\("#den:localhost")", expecting: 403).errorCode == "M_FORBIDDEN")
            try await alice.setState("m.room.canonical_alias", ["alias": "#den:localhost"], in: room)
            let unknown: JSON = ["alias": "#nowhere:localhost"]
            let bad = try await alice.put("/rooms/\(room)/state/m.room.canonical_alias/", unknown, expecting: 400)
            #expect(bad.errorCode == "M_BAD_ALIAS")
            try await alice.delete("/directory/room/\("#den:localhost")")
            _ = try await bob.get("/directory/room/\("#den:localhost")", expecting: 404)
            let reserved = try await alice.put(
                "/directory/room/\("#@carol:localhost")", ["room_id": .string(room)], expecting: 403)
            #expect(reserved.errorCode == "M_EXCLUSIVE")
            #expect(try await bob.get("/directory/room/\("#@alice:localhost")")["room_id"] != nil)
        }
    }

    @Test("people of other servers are refused in words")
    func foreignUsers() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            let answer = try await alice.post("/rooms/\(room)/invite", ["user_id": "@carol:elsewhere.org"], expecting: 403)
            #expect(answer.errorCode == "M_FORBIDDEN")
            #expect(answer["error"]?.stringValue?.contains("another server") == true)
        }
    }

    @Test("a new name goes into the member events of all joined rooms")
    func profileChangesReachRooms() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let start = try await bob.sync(setPresence: "offline")
            try await alice.put("/profile/\(alice.userID)/displayname", ["displayname": "Alice"])
            let news = try await bob.sync(since: start.nextBatch, setPresence: "offline").timeline(of: room)
            #expect(news.ofType("m.room.member", stateKey: alice.userID).last?["content", "displayname"] == "Alice")
            #expect(try await bob.get("/profile/\(alice.userID)")["displayname"] == "Alice")
            try await alice.put("/profile/\(alice.userID)/org.example.pet", ["org.example.pet": "cat"])
            #expect(try await bob.get("/profile/\(alice.userID)/org.example.pet")["org.example.pet"] == "cat")
            try await alice.put("/profile/\(alice.userID)/m.status", ["m.status": ["text": "at lunch"]])
            #expect(try await bob.get("/profile/\(alice.userID)/m.status")["m.status"] == ["text": "at lunch", "emoji": "💬"])
            try await alice.delete("/profile/\(alice.userID)/m.status")
            _ = try await bob.get("/profile/\(alice.userID)/m.status", expecting: 404)
            try await alice.delete("/profile/\(alice.userID)/displayname")
            _ = try await bob.get("/profile/\(alice.userID)/displayname", expecting: 404)
            let other = try await bob.put("/profile/\(alice.userID)/displayname", ["displayname": "Eve"], expecting: 403)
            #expect(other.errorCode == "M_FORBIDDEN")
        }
    }
}

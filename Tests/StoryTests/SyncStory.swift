import HearthTestKit
import MatrixModel
import Testing

/// GET /sync over real HTTP.
@Suite("Sync")
struct SyncStory {
    @Test(
        "a long absence gives a limited timeline, and paging back from prev_batch closes the gap, from memory and from the store",
        arguments: [false, true])
    func limitedTimeline(restarts: Bool) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let start = try await bob.sync(setPresence: "offline")
            for number in 0..<30 { try await alice.sendText("message \(number)", to: room) }
            try await alice.setState("m.room.topic", ["topic": "middle"], in: room)
            for number in 30..<35 { try await alice.sendText("message \(number)", to: room) }
            let filter: JSON = ["room": ["timeline": ["limit": 3]]]
            if restarts { try await hearth.restart() }
            let news = try await bob.sync(since: start.nextBatch, setPresence: "offline", filter: filter)
            let timeline = news.timeline(of: room)
            #expect(timeline.contents.compactMap { $0["body"]?.stringValue } == ["message 32", "message 33", "message 34"])
            #expect(news["rooms", "join", room, "timeline", "limited"] == true)
            #expect(news.state(of: room).ofType("m.room.topic").last?["content", "topic"] == "middle")
            let token = news["rooms", "join", room, "timeline", "prev_batch"]?.stringValue ?? ""
            let page = try await bob.get(
                "/rooms/\(room)/messages", query: ["dir": "b", "from": token, "to": start.nextBatch, "limit": "100"])
            #expect(page["chunk"]?.arrayValue?.count == 33)
        }
    }

    @Test("a held sync waits for its time, and with nothing new returns the token that it was given")
    func timeout() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let first = try await alice.sync(setPresence: "offline")
            let clock = ContinuousClock()
            let begin = clock.now
            let second = try await alice.sync(since: first.nextBatch, timeout: 300, setPresence: "offline")
            #expect(clock.now - begin >= .milliseconds(300))
            #expect(second.nextBatch == first.nextBatch)
        }
    }

    @Test("filters by types, rooms and senders let through what they say, stored or inline")
    func filters() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            let other = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            try await bob.join(other)
            let start = try await bob.sync(setPresence: "offline")
            try await alice.sendText("wanted", to: room)
            try await alice.send("org.example.noise", ["body": "unwanted"], to: room)
            try await alice.sendText("elsewhere", to: other)
            try await bob.sendText("own", to: room)
            let filter: JSON = [
                "room": ["rooms": [.string(room)], "timeline": ["types": ["m.room.*"], "not_senders": [.string(bob.userID)]]]
            ]
            let inline = try await bob.sync(since: start.nextBatch, setPresence: "offline", filter: filter)
            #expect(inline.timeline(of: room).contents.compactMap { $0["body"]?.stringValue } == ["wanted"])
            #expect(inline["rooms", "join", other] == nil)
            let id = try await bob.post("/user/\(bob.userID)/filter", filter).string("filter_id")
            #expect(try await bob.get("/user/\(bob.userID)/filter/\(id)").json == filter)
            let stored = try await bob.get(
                "/sync", query: ["since": start.nextBatch, "filter": id, "set_presence": "offline"])
            #expect(stored["rooms"] == inline["rooms"])
        }
    }

    @Test("unread counts rise with others' messages and fall with one's own")
    func unreadCounts() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            try await alice.sendText("one", to: room)
            try await alice.sendText("two", to: room)
            func count() async throws -> Int64? {
                let sync = try await bob.sync(setPresence: "offline")
                return sync["rooms", "join", room, "unread_notifications", "notification_count"]?.integerValue
            }
            #expect(try await count() == 2)
            try await hearth.restart()
            #expect(try await count() == 2)
            try await bob.sendText("read", to: room)
            #expect(try await count() == 0)
        }
    }

    @Test("account data comes once, global and by room, fractions included")
    func accountData() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let room = try await alice.createRoom()
            let start = try await tablet.sync(setPresence: "offline")
            // That alice is online may be told before.
            async let held = tablet.syncUntil(since: start.nextBatch) {
                !$0.json.events(at: "account_data").ofType("org.example.scale").isEmpty
            }
            try await alice.put("/user/\(alice.userID)/account_data/org.example.scale", ["factor": .double(0.5)])
            let news = try await held
            #expect(news.json.events(at: "account_data").ofType("org.example.scale").last?["content", "factor"] == .double(0.5))
            try await alice.put(
                "/user/\(alice.userID)/rooms/\(room)/account_data/m.tag", ["tags": ["u.den": ["order": .double(0.25)]]])
            let tagged = try await tablet.sync(since: news.nextBatch, setPresence: "offline")
            #expect(tagged.json.events(at: "rooms", "join", room, "account_data").ofType("m.tag").count == 1)
            #expect(tagged["account_data"] == nil || tagged.json.events(at: "account_data").isEmpty)
        }
    }

    @Test("full_state gives the whole state again and lazy loading only the members who are seen")
    func stateVariants() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let carol = try await hearth.client.register("carol")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await carol.join(room)
            try await bob.join(room)
            try await alice.sendText("hello", to: room)
            let start = try await bob.sync(setPresence: "offline")
            let full = try await bob.sync(since: start.nextBatch, setPresence: "offline", fullState: true)
            #expect(full.state(of: room).ofType("m.room.member").count == 3)
            #expect(full.timeline(of: room).isEmpty)

            // Who is neither seen in the timeline nor needed for the room's name is left out.
            for name in ["dave", "erin", "frank", "grace", "heidi"] { try await hearth.client.register(name).join(room) }
            try await alice.sendText("hello to all of you", to: room)
            let filter: JSON = ["room": ["state": ["lazy_load_members": true], "timeline": ["limit": 1]]]
            let lazy = try await bob.sync(setPresence: "offline", filter: filter)
            let members = Set(lazy.state(of: room).ofType("m.room.member").compactMap { $0["state_key"]?.stringValue })
            let heroes = lazy["rooms", "join", room, "summary", "m.heroes"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(heroes.count == 5)
            #expect(members == Set(heroes + [alice.userID, bob.userID]))
            #expect(lazy["rooms", "join", room, "summary", "m.joined_member_count"] == 8)
        }
    }

    @Test("a logged-out device's held sync ends with an unknown token")
    func logOutEndsAHeldSync() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let start = try await tablet.sync(setPresence: "offline")
            async let held = tablet.get(
                "/sync", query: ["since": start.nextBatch, "timeout": "20000", "set_presence": "offline"], expecting: 401)
            try await Task.sleep(for: .milliseconds(200))
            try await alice.post("/logout/all")
            #expect(try await held.errorCode == "M_UNKNOWN_TOKEN")
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// In which section of an answer a room stands, and what `rooms.leave` and `limited` say.
@Suite("The sections of a sync")
struct SectionsStory {
    private func scene(
        _ body:
            @escaping @Sendable (HearthProcess, _ alice: MatrixClient, _ bob: MatrixClient, _ room: String) async throws -> Void
    ) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            try await body(hearth, alice, bob, try await HiddenStateStory.room(of: alice, visibility: "world_readable"))
        }
    }

    @Test(
        "a peeker who is banned gets the room in leave alone, with what came before, and the peek is over",
        arguments: [false, true])
    func banned(restarts: Bool) async throws {
        try await scene { hearth, alice, bob, room in
            try await bob.peek(room)
            var clients = SyncedRoom.Form.allCases.map { SyncedRoom(bob, room, form: $0) }
            for index in clients.indices { try await clients[index].sync() }
            try await alice.sendText("before", to: room)
            try await alice.setState("m.room.topic", ["topic": "before"], in: room)
            try await alice.post("/rooms/\(room)/ban", ["user_id": .string(bob.userID)])
            try await alice.setState("m.room.topic", ["topic": "after"], in: room)
            if restarts { try await hearth.restart() }
            for index in clients.indices {
                try await clients[index].sync()
                #expect(clients[index].sections == ["leave"])
                #expect(
                    clients[index].timeline.map { $0["type"]?.stringValue } == [
                        "m.room.message", "m.room.topic", "m.room.member",
                    ])
                #expect(clients[index].content("m.room.topic") == ["topic": "before"])
                #expect(clients[index].content("m.room.member", key: bob.userID)?["membership"] == "ban")
                try await clients[index].sync()
                #expect(clients[index].sections == [])
            }
        }
    }

    @Test(
        "a peeker whose invitation ends gets the room in leave alone, and may peek again", arguments: ["declined", "taken back"])
    func invitationEnds(how: String) async throws {
        try await scene { _, alice, bob, room in
            var client = SyncedRoom(bob, room, form: .before)
            try await client.sync()
            try await alice.invite(bob.userID, to: room)
            try await bob.peek(room)
            try await client.sync()
            #expect(client.sections == ["peek"], "who peeks is shown the room, with the own membership in its state")
            #expect(client.content("m.room.member", key: bob.userID)?["membership"] == "invite")
            try await alice.sendText("before", to: room)
            if how == "declined" {
                try await bob.leave(room)
            } else {
                try await alice.post("/rooms/\(room)/kick", ["user_id": .string(bob.userID)])
            }
            try await alice.sendText("after", to: room)
            try await client.sync()
            #expect(client.sections == ["leave"])
            #expect(client.timeline.contents.compactMap { $0["body"] } == ["before"])
            #expect(client.timeline.last?["content", "membership"] == "leave")
            try await bob.post("/rooms/\(room)/unpeek", expecting: 400)
            try await bob.peek(room)
            try await client.sync()
            #expect(client.sections == ["peek"])
            try await client.expectTruth()
        }
    }

    @Test("an invitation ends a peek and stands alone; where a peek ends first, the invitation stays")
    func invited() async throws {
        try await scene { _, alice, bob, room in
            var client = SyncedRoom(bob, room, form: .before)
            try await bob.peek(room)
            try await client.sync()
            let since = client.since
            try await alice.invite(bob.userID, to: room)
            try await client.sync()
            #expect(client.sections == ["invite"])
            // Whoever peeks again is shown the room, also by a sync that has not heard of the invitation, and by a first one.
            try await bob.peek(room)
            for since in [since, client.since, nil] {
                var other = SyncedRoom(bob, room, form: .before, since: since)
                try await other.sync()
                #expect(other.sections == ["peek"])
                try await other.expectTruth()
            }
            try await client.sync()
            try await bob.unpeek(room)
            try await client.sync()
            #expect(client.sections == ["invite"])
        }
    }

    @Test("who has left and peeks is shown the peek alone, until it ends")
    func peekAfterLeaving() async throws {
        try await scene { _, alice, bob, room in
            try await alice.invite(bob.userID, to: room)
            try await bob.join(room)
            let leaving: JSON = ["room": ["include_leave": true]]
            var client = SyncedRoom(bob, room, form: .after, filter: leaving)
            try await client.sync()
            try await bob.leave(room)
            try await bob.peek(room)
            try await client.sync()
            #expect(client.sections == ["peek"])
            try await client.expectTruth()
            var fresh = SyncedRoom(bob, room, form: .after, filter: leaving)
            try await fresh.sync()
            #expect(fresh.sections == ["peek"])
            try await alice.sendText("hello", to: room)
            try await bob.unpeek(room)
            try await client.sync()
            #expect(client.sections == ["leave"])
            #expect(client.timeline.contents == [["msgtype": "m.text", "body": "hello"]])
        }
    }

    @Test("an ended peek tells what came until its end, and nothing after it")
    func endedPeek() async throws {
        try await scene { _, alice, bob, room in
            try await bob.peek(room)
            let filter: JSON = ["room": ["timeline": ["limit": 2]]]
            var clients = SyncedRoom.Form.allCases.map { SyncedRoom(bob, room, form: $0, filter: filter) }
            for index in clients.indices { try await clients[index].sync() }
            try await alice.setState("m.room.topic", ["topic": "before"], in: room)
            for number in 0..<3 { try await alice.sendText("\(number)", to: room) }
            try await alice.setState("m.room.history_visibility", ["history_visibility": "shared"], in: room)
            try await alice.setState("m.room.topic", ["topic": "after"], in: room)
            for index in clients.indices {
                try await clients[index].sync()
                let client = clients[index]
                #expect(client.sections == ["leave"] && client.isLimited)
                #expect(client.timeline.map { $0["type"]?.stringValue } == ["m.room.message", "m.room.history_visibility"])
                #expect(client.content("m.room.topic") == ["topic": "before"])
                #expect(client.content("m.room.history_visibility") == ["history_visibility": "shared"])
            }
        }
    }

    @Test("a left room's timeline obeys the filter's types, and the state says how it ended")
    func leaveObeysTypes() async throws {
        try await scene { _, alice, bob, room in
            for form in SyncedRoom.Form.allCases {
                for timeline in [["types": ["m.room.message"]], ["not_types": ["m.room.member"]]] as [JSON] {
                    try await alice.invite(bob.userID, to: room)
                    try await bob.join(room)
                    var client = SyncedRoom(bob, room, form: form, filter: ["room": ["timeline": timeline]])
                    try await client.sync()
                    try await alice.sendText("bye", to: room)
                    try await bob.leave(room)
                    try await client.sync()
                    #expect(client.sections == ["leave"])
                    #expect(client.timeline.map { $0["type"]?.stringValue } == ["m.room.message"])
                    #expect(client.content("m.room.member", key: bob.userID)?["membership"] == "leave")
                    #expect(!client.isLimited)
                    // An invitation that ends shows nothing but that.
                    try await alice.invite(bob.userID, to: room)
                    try await client.sync()
                    try await bob.leave(room)
                    try await client.sync()
                    #expect(client.timeline.isEmpty)
                    #expect(client.told.map { $0["content", "membership"] } == ["leave"])
                }
            }
        }
    }

    @Test(
        "a room that was joined, left, and whose next invitation ended comes with what changed until it was left",
        arguments: [false, true])
    func leftAndDeclined(restarts: Bool) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await HiddenStateStory.room(of: alice, visibility: "shared")
            var strangers = SyncedRoom.Form.allCases.map { SyncedRoom(bob, room, form: $0) }
            for index in strangers.indices { try await strangers[index].sync() }
            try await alice.invite(bob.userID, to: room)
            try await bob.join(room)
            var members = SyncedRoom.Form.allCases.map { SyncedRoom(bob, room, form: $0) }
            for index in members.indices { try await members[index].sync() }
            try await alice.setState("m.room.topic", ["topic": "seen"], in: room)
            try await bob.leave(room)
            try await alice.setState("m.room.topic", ["topic": "unseen"], in: room)
            try await alice.invite(bob.userID, to: room)
            try await bob.leave(room)
            if restarts { try await hearth.restart() }
            let fresh = SyncedRoom.Form.allCases.map {
                SyncedRoom(bob, room, form: $0, filter: ["room": ["include_leave": true]])
            }
            for var client in strangers + members + fresh {
                try await client.sync()
                #expect(client.sections == ["leave"])
                #expect(client.content("m.room.topic") == ["topic": "seen"])
                try await client.expectTruth()
            }
        }
    }

    @Test("full_state tells the whole state of a left room, and of its timeline what is new", arguments: SyncedRoom.Form.allCases)
    func fullStateAfterLeaving(form: SyncedRoom.Form) async throws {
        try await scene { _, alice, bob, room in
            try await alice.invite(bob.userID, to: room)
            try await bob.join(room)
            var client = SyncedRoom(bob, room, form: form, filter: ["room": ["include_leave": true]])
            try await client.sync()
            try await alice.sendText("bye", to: room)
            try await bob.leave(room)
            try await client.sync(fullState: true)
            #expect(client.sections == ["leave"])
            #expect(client.timeline.map { $0["type"]?.stringValue } == ["m.room.message", "m.room.member"])
            #expect(client.told.ofType("m.room.create").count == 1)
            try await client.expectTruth()
            try await client.sync(fullState: true)
            #expect(client.sections == ["leave"] && client.timeline.isEmpty)
            #expect(client.told.ofType("m.room.create").count == 1)
            try await client.expectTruth()
        }
    }

    @Test("limited is true where the limit cut something off, and only there")
    func limited() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await HiddenStateStory.room(of: alice, visibility: "joined")
            try await alice.sendText("hidden", to: room)
            try await alice.invite(bob.userID, to: room)
            try await bob.join(room)
            func limited(_ limit: Int64, types: JSON? = nil, since: String? = nil) async throws -> Bool {
                var timeline: JSONObject = ["limit": .integer(limit)]
                timeline["types"] = types
                let filter: JSON = ["room": ["timeline": .object(timeline)]]
                let answer = try await bob.sync(since: since, setPresence: "offline", filter: filter)
                return answer["rooms", "join", room, "timeline", "limited"] == true
            }
            let all: JSON = ["room": ["timeline": ["limit": 100]]]
            let shown = try await bob.sync(setPresence: "offline", filter: all)
            #expect(shown.timeline(of: room).ofType("m.room.message").isEmpty)
            let count = Int64(shown.timeline(of: room).count)
            #expect(try await limited(count - 1) == true)
            #expect(try await limited(count) == false, "what is hidden limits nothing")
            for number in 0..<2 { try await alice.sendText("\(number)", to: room) }
            #expect(try await limited(count + 1) == true)
            #expect(try await limited(count + 2) == false)
            #expect(try await limited(1, types: ["m.room.message"]) == true)
            #expect(try await limited(2, types: ["m.room.message"]) == false)
            #expect(try await limited(0) == true)
            let since = try await bob.sync(setPresence: "offline").nextBatch
            for number in 0..<2 { try await alice.sendText("\(number)", to: room) }
            try await alice.setState("m.room.topic", ["topic": "noise"], in: room)
            #expect(try await limited(2, since: since) == true)
            #expect(try await limited(3, since: since) == false)
            #expect(try await limited(2, types: ["m.room.message"], since: since) == false)
            #expect(try await limited(1, types: ["m.room.message"], since: since) == true)
        }
    }
}

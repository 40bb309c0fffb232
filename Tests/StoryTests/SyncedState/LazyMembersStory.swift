import HearthTestKit
import MatrixModel
import Testing

/// Members that are loaded lazily, and the summary of a room.
@Suite("Lazily loaded members")
struct LazyMembersStory {
    private static let filter: JSON = ["room": ["state": ["lazy_load_members": true], "timeline": ["limit": 5]]]

    private struct Scene {
        let hearth: HearthProcess
        let alice: MatrixClient
        let bob: MatrixClient
        let others: [String: MatrixClient]
        let room: String

        init(_ hearth: HearthProcess, _ names: [String], joined: [String], name: String? = nil) async throws {
            self.hearth = hearth
            alice = try await hearth.client.register("alice")
            bob = try await hearth.client.register("bob")
            var body: JSONObject = ["preset": "public_chat"]
            body["name"] = name.map { .string($0) }
            room = try await alice.createRoom(body)
            try await bob.join(room)
            var others: [String: MatrixClient] = [:]
            for name in names {
                others[name] = try await hearth.client.register(name)
                if joined.contains(name) { try await others[name]?.join(room) }
            }
            self.others = others
        }

        subscript(name: String) -> MatrixClient { others[name] ?? alice }
        func client(_ form: SyncedRoom.Form, filter: JSON = LazyMembersStory.filter) -> SyncedRoom {
            SyncedRoom(bob, room, form: form, filter: filter)
        }
    }

    @Test(
        "members who changed since a peek come with the join, though the user was in and out meanwhile", arguments: [false, true])
    func peekedBefore(isPeekedAgain: Bool) async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth, ["carol", "dave"], joined: ["carol"], name: "Den")
            let peeker = try await hearth.client.register("peeker")
            try await scene.alice.setState("m.room.history_visibility", ["history_visibility": "world_readable"], in: scene.room)
            try await peeker.post("/peek/\(scene.room)")
            var clients = SyncedRoom.Form.allCases.map { SyncedRoom(peeker, scene.room, form: $0, filter: Self.filter) }
            for index in clients.indices { try await clients[index].sync() }
            if !isPeekedAgain {
                try await peeker.join(scene.room)
                try await peeker.leave(scene.room)
            }
            try await scene["carol"].leave(scene.room)
            try await scene["dave"].join(scene.room)
            if isPeekedAgain {
                try await peeker.post("/rooms/\(scene.room)/unpeek")
                try await peeker.post("/peek/\(scene.room)")
            } else {
                try await peeker.join(scene.room)
            }
            for number in 0..<6 { try await scene.alice.sendText("\(number)", to: scene.room) }
            for index in clients.indices {
                try await clients[index].sync()
                #expect(clients[index].sections == [isPeekedAgain ? "peek" : "join"])
                for (name, membership) in [("carol", "leave"), ("dave", "join")] {
                    let content = clients[index].content("m.room.member", key: "@\(name):localhost")
                    #expect(content?["membership"] == .string(membership), "\(name), \(clients[index].form)")
                }
            }
        }
    }

    @Test(
        "joins, leaves, bans, invitations and new names of a gap come, though none of them is seen to act",
        arguments: [false, true])
    func gap(restarts: Bool) async throws {
        try await withHearth { hearth in
            let scene = try await Scene(
                hearth, ["carol", "dave", "erin", "frank", "grace"], joined: ["dave", "erin", "grace"], name: "Den")
            var clients = SyncedRoom.Form.allCases.map { scene.client($0) }
            for index in clients.indices { try await clients[index].sync() }
            try await scene["carol"].join(scene.room)
            try await scene.alice.post("/rooms/\(scene.room)/ban", ["user_id": "@dave:localhost"])
            try await scene["erin"].put("/profile/@erin:localhost/displayname", ["displayname": "Erin the Second"])
            try await scene.alice.invite("@frank:localhost", to: scene.room)
            try await scene["grace"].leave(scene.room)
            for number in 0..<6 { try await scene.alice.sendText("\(number)", to: scene.room) }
            if restarts { try await hearth.restart() }
            let wanted: [(String, String)] = [
                ("carol", "join"), ("dave", "ban"), ("erin", "join"), ("frank", "invite"), ("grace", "leave"), ("alice", "join"),
            ]
            for index in clients.indices {
                try await clients[index].sync()
                let client = clients[index]
                #expect(client.isLimited && client.timeline.count == 5)
                for (name, membership) in wanted {
                    let content = client.content("m.room.member", key: "@\(name):localhost")
                    #expect(content?["membership"] == .string(membership), "\(name), \(client.form)")
                }
                #expect(client.content("m.room.member", key: "@erin:localhost")?["displayname"] == "Erin the Second")
                #expect(client.part?["summary", "m.joined_member_count"] == 4, "it comes with members in the state, too")
                #expect(client.part?["summary", "m.invited_member_count"] == 1)
            }
        }
    }

    @Test("who left and came back in one gap gets the changes among the members of that time")
    func rejoined() async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth, ["carol", "dave"], joined: ["carol"])
            var clients = SyncedRoom.Form.allCases.map { scene.client($0) }
            for index in clients.indices { try await clients[index].sync() }
            try await scene.bob.leave(scene.room)
            try await scene["carol"].leave(scene.room)
            try await scene["dave"].join(scene.room)
            try await scene.bob.join(scene.room)
            for number in 0..<6 { try await scene.alice.sendText("\(number)", to: scene.room) }
            for index in clients.indices {
                try await clients[index].sync()
                #expect(clients[index].content("m.room.member", key: "@carol:localhost")?["membership"] == "leave")
                #expect(clients[index].content("m.room.member", key: "@dave:localhost")?["membership"] == "join")
            }
        }
    }

    @Test("who wrote and then changed the name is known by the old one before")
    func renamedWithinTheTimeline() async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth, ["carol"], joined: ["carol"], name: "Den")
            let first = try await scene.bob.sync(setPresence: "offline", filter: Self.filter)
            try await scene["carol"].sendText("hello", to: scene.room)
            try await scene["carol"].put("/profile/@carol:localhost/displayname", ["displayname": "Carol the Second"])
            let news = try await scene.bob.syncUntil(since: first.nextBatch, filter: Self.filter) {
                $0.timeline(of: scene.room).count == 2
            }
            let member = news.state(of: scene.room).ofType("m.room.member", stateKey: "@carol:localhost")
            #expect(member.contents == [["membership": "join"]])
        }
    }

    @Test("a summary comes when it has changed, even if the filter drops the member event, and not otherwise")
    func summaryComes() async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth, ["carol"], joined: [], name: "Den")
            let nothing: JSON = ["types": []]
            for filter in [["room": ["timeline": nothing, "state": nothing]], ["room": ["timeline": nothing]], [:], Self.filter]
                as [JSON]
            {
                for form in SyncedRoom.Form.allCases {
                    var client = scene.client(form, filter: filter)
                    try await client.sync()
                    try await scene["carol"].join(scene.room)
                    try await client.sync()
                    #expect(client.part?["summary", "m.joined_member_count"] == 3, "\(filter.text)")
                    try await scene["carol"].leave(scene.room)
                    try await client.sync()
                    #expect(client.part?["summary", "m.joined_member_count"] == 2, "\(filter.text)")
                    try await scene.alice.sendText("hello", to: scene.room)
                    try await client.sync()
                    #expect(client.part?["summary"] == nil)
                }
            }
        }
    }

    @Test("heroes and their members come for rooms without a name, and when a room loses its name")
    func heroes() async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth, ["carol", "dave"], joined: ["carol"])
            let room = scene.room
            func heroes(_ client: SyncedRoom) -> [String]? {
                client.part?["summary", "m.heroes"]?.arrayValue?.compactMap(\.stringValue)
            }
            for form in SyncedRoom.Form.allCases {
                for number in 0..<6 { try await scene.alice.sendText("\(number)", to: room) }
                var client = scene.client(form)
                try await client.sync()
                #expect(heroes(client) == ["@alice:localhost", "@carol:localhost"])
                #expect(client.content("m.room.member", key: "@carol:localhost") != nil)

                try await scene.alice.setState("m.room.name", ["name": "Den"], in: room)
                var named = scene.client(form)
                try await named.sync()
                #expect(named.part?["summary", "m.joined_member_count"] == 3)
                #expect(heroes(named) == nil)
                #expect(named.content("m.room.member", key: "@carol:localhost") == nil)

                try await named.sync()
                try await scene.alice.setState("m.room.name", [:], in: room)
                try await named.sync()
                #expect(heroes(named) == ["@alice:localhost", "@carol:localhost"])
                #expect(named.content("m.room.member", key: "@carol:localhost") != nil)

                let name = try await scene.alice.setState("m.room.name", ["name": "Attic"], in: room)
                try await named.sync()
                #expect(heroes(named) == nil)
                try await scene.alice.put("/rooms/\(room)/redact/\(name)/\(form.key)", [:])
                try await named.sync()
                #expect(heroes(named) == ["@alice:localhost", "@carol:localhost"])
            }
            // Who loads all members has them anyhow.
            try await scene.alice.setState("m.room.name", ["name": "Den"], in: room)
            let all = try await scene.bob.sync(setPresence: "offline")
            #expect(all["rooms", "join", room, "summary", "m.heroes"] == ["@alice:localhost", "@carol:localhost"])
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// State that a timeline's filter drops comes all the same, unless the state's filter drops it too.
@Suite("State that a timeline's filter drops")
struct FilteredStateStory {
    private static func filters(alice: String) -> [(name: String, timeline: JSON)] {
        [
            ("types", ["types": ["m.room.message", "m.room.member"]]),
            ("not_types", ["not_types": ["m.room.topic", "m.room.name"]]),
            ("not_senders", ["not_senders": [.string(alice)]]), ("senders", ["senders": ["@bob:localhost"]]),
            ("contains_url", ["contains_url": true]), ("no url", ["contains_url": false]), ("nothing", ["types": []]),
            ("no room", ["rooms": []]), ("a limit of none", ["limit": 0]), ("a limit of one", ["limit": 1]),
        ]
    }

    @Test(
        "whatever a timeline's filter drops, a client ends at the room's state: first, then by what is new, and in the end",
        arguments: SyncedRoom.Form.allCases)
    func everyFilter(form: SyncedRoom.Form) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom([
                "preset": "public_chat",
                "power_level_content_override": ["users": ["@bob:localhost": 100, "@alice:localhost": 100]],
            ])
            try await bob.join(room)
            func change(_ round: Int) async throws {
                try await bob.sendText("first", to: room)
                try await bob.setState("m.room.topic", ["topic": .string("bob's, \(round)")], in: room)
                try await bob.setState("org.example.a", ["url": "mxc://a/b"], in: room)
                try await alice.setState("m.room.topic", ["topic": .string("alice's, \(round)")], in: room)
                try await alice.setState("org.example.a", ["no": .integer(Int64(round))], in: room)
                try await alice.setState("m.room.name", ["name": .string("\(round)")], in: room)
                try await bob.sendText("last", to: room)
            }
            try await change(1)
            var clients = Self.filters(alice: alice.userID).map { filter in
                (filter.name, SyncedRoom(bob, room, form: form, filter: ["room": ["timeline": filter.timeline]]))
            }
            func check(_ step: String) async throws {
                for index in clients.indices {
                    try await clients[index].1.sync()
                    try await clients[index].1.expectTruth("\(step), \(clients[index].0)")
                }
            }
            try await check("initial")
            try await change(2)
            try await check("news")
            try await change(3)
            try await hearth.restart()
            try await check("from the store")
            try await change(4)
            try await bob.leave(room)
            try await check("left")
        }
    }

    @Test("a state event between two messages goes to state; where an older one of its key passes, it stays in the timeline")
    func places() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom([
                "preset": "public_chat",
                "power_level_content_override": ["users": ["@bob:localhost": 100, "@alice:localhost": 100]],
            ])
            try await bob.join(room)
            let start = try await bob.sync(setPresence: "offline").nextBatch
            try await bob.setState("m.room.topic", ["topic": "old"], in: room)
            try await alice.setState("m.room.topic", ["topic": "new"], in: room)
            try await alice.setState("m.room.name", ["name": "Den"], in: room)
            try await bob.sendText("last", to: room)
            let filter: JSON = ["room": ["timeline": ["not_senders": [.string(alice.userID)]]]]
            let news = try await bob.sync(since: start, setPresence: "offline", filter: filter)
            #expect(news.state(of: room).contents == [["name": "Den"]])
            #expect(
                news.timeline(of: room).contents.prefix(2) == [["topic": "old"], ["topic": "new"]])
            #expect(news.timeline(of: room).count == 3)
            #expect(news["rooms", "join", room, "timeline", "limited"] == false)
        }
    }

    @Test("state that lost its content by a redaction in a gap, or one that is filtered away, comes without it")
    func redacted() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let topic = try await alice.setState("m.room.topic", ["topic": "spam"], in: room)
            let filters: [JSON] = [
                ["room": ["timeline": ["limit": 2]]], ["room": ["timeline": ["not_types": ["m.room.redaction"]]]], [:],
            ]
            var clients = SyncedRoom.Form.allCases.flatMap { form in
                filters.map { SyncedRoom(bob, room, form: form, filter: $0) }
            }
            for index in clients.indices { try await clients[index].sync() }
            try await alice.put("/rooms/\(room)/redact/\(topic)/1", [:])
            for number in 0..<3 { try await alice.sendText("\(number)", to: room) }
            for index in clients.indices {
                try await clients[index].sync()
                // A client applies a redaction that it sees.
                if clients[index].form == .before, !clients[index].timeline.ofType("m.room.redaction").isEmpty { continue }
                try await clients[index].expectTruth("\(clients[index].form) \(clients[index].filter?.text ?? "")")
            }
        }
    }

    @Test("presence that a timeline's filter drops comes in a peek's state")
    func lane() async throws {
        try await withHearth(settings: ["sync.presence_wake_interval": "0ms"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let shared = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(shared)
            let room = try await bob.peekProfile(of: alice.userID)
            for form in SyncedRoom.Form.allCases {
                for timeline in [["types": ["m.room.message"]], [:]] as [JSON] {
                    var client = SyncedRoom(bob, room, form: form, filter: ["room": ["timeline": timeline]])
                    try await client.sync()
                    try await alice.putPresence("busy")
                    try await client.sync(timeout: 10_000)
                    try await client.expectTruth("\(form)")
                    #expect(client.content("m.presence")?["presence"] == "busy")
                    try await alice.putPresence("online")
                    try await client.sync(timeout: 10_000)
                    try await client.expectTruth("\(form)")
                    #expect(client.content("m.presence")?["presence"] == "online")
                }
            }
        }
    }
}

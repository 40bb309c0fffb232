import HearthTestKit
import MatrixModel
import Testing

/// What answers tell to those whom it does not concern.
@Suite("What is nobody else's business")
struct PrivacyStory {
    @Test("no cache keeps what was answered to one user, in whatever way it was answered")
    func caches() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let first = try await alice.get("/sync", query: ["set_presence": "offline"])
            let since = try first.string("next_batch")
            let registration: JSON = ["username": "bob", "password": "secret", "auth": ["type": "m.login.dummy"]]
            let login: JSON = [
                "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "bob"], "password": "secret",
            ]
            let answers = [
                first, try await alice.get("/sync", query: ["since": since, "set_presence": "offline"]),
                try await alice.get("/sync", query: ["since": since, "timeout": "10", "set_presence": "offline"]),
                try await hearth.client.post("/register", [:], expecting: 401),
                try await hearth.client.post("/register", registration), try await hearth.client.post("/login", login),
                try await hearth.client.get("/account/whoami", expecting: 401), try await alice.get("/account/whoami"),
                try await alice.get("/devices"), try await alice.get("/nothing", expecting: 404),
            ]
            for answer in answers { #expect(answer.headers.filter { $0.name == "cache-control" }.map(\.value) == ["no-store"]) }
        }
    }

    @Test("ids of requests tell nothing of how many others came between")
    func requestIDs() async throws {
        try await withHearth { hearth in
            var ids: [String] = []
            for _ in 0..<50 {
                ids.append(try #require(try await hearth.client.get("/_matrix/client/versions").header("X-Request-ID")))
            }
            #expect(Set(ids).count == 50)
            // What counts has a beginning that stays the same; of random ids two neighbours hardly ever share four characters.
            let alike = zip(ids, ids.dropFirst()).count { $0.prefix(4) == $1.prefix(4) }
            #expect(alike <= 1, "\(ids.prefix(5))")
        }
    }

    @Test("an alias that looks like somebody's profile is refused, and one that does not is given")
    func aliases() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let mallory = try await hearth.client.register("mallory")
            let room = try await mallory.createRoom()
            for name in ["@bob", "\u{FF20}alice", "\u{FE6B}alice", "\u{200B}@alice", "\u{2063}\u{FF20}alice"] {
                let alias = "#\(name):localhost"
                let put = try await mallory.put("/directory/room/\(alias)", ["room_id": .string(room)], expecting: 403)
                #expect(put.errorCode == "M_EXCLUSIVE", "\(alias)")
                #expect(
                    try await mallory.post("/createRoom", ["room_alias_name": .string(name)], expecting: 403).errorCode
                        == "M_EXCLUSIVE")
            }
            try await mallory.put("/directory/room/\("#home:localhost")", ["room_id": .string(room)])
            #expect(try await mallory.peekProfile(of: alice.userID) != room)
        }
    }

    /// Alice's room, which the world may read, and Mallory, who is not in it.
    private static func readableRoom(
        on hearth: HearthProcess
    ) async throws -> (alice: MatrixClient, mallory: MatrixClient, room: String) {
        let alice = try await hearth.client.register("alice")
        let visibility: JSON = [
            "type": "m.room.history_visibility", "state_key": "", "content": ["history_visibility": "world_readable"],
        ]
        let room = try await alice.createRoom(["preset": "public_chat", "initial_state": [visibility]])
        return (alice, try await hearth.client.register("mallory"), room)
    }

    @Test("a ban ends the peeks of all devices, and whoever is banned neither peeks again nor reads on")
    func bans() async throws {
        try await withHearth { hearth in
            let (alice, mallory, room) = try await Self.readableRoom(on: hearth)
            let second = try await hearth.client.login("mallory")
            let bob = try await hearth.client.register("bob")
            try await mallory.peek(room)
            try await second.peek(room)
            try await bob.peek(room)
            try await alice.sendText("before", to: room)
            let starts = [try await mallory.sync(setPresence: "offline"), try await second.sync(setPresence: "offline")]
            #expect(starts.allSatisfy { !$0.peeked(room).ofType("m.room.message").isEmpty })
            let bobs = try await bob.sync(setPresence: "offline")

            async let held = mallory.sync(since: starts[0].nextBatch, timeout: 10_000, setPresence: "offline")
            try await alice.post("/rooms/\(room)/ban", ["user_id": .string(mallory.userID)])
            try await alice.sendText("secret", to: room)
            let end = try await held
            #expect(end["rooms", "leave", room] != nil)
            #expect(
                try await bob.sync(since: bobs.nextBatch, setPresence: "offline").peeked(room).ofType("m.room.message").count == 1
            )

            func nothing(_ when: String) async throws {
                for (client, start) in zip([mallory, second], starts) {
                    #expect(try await client.post("/peek/\(room)", expecting: 403).errorCode == "M_FORBIDDEN", "\(when)")
                    for since in [start.nextBatch, end.nextBatch, nil] {
                        let sync = try await client.sync(since: since, setPresence: "offline")
                        #expect(!sync.json.text.contains("secret"), "\(when)")
                        #expect(sync["rooms", "peek"] == nil, "\(when)")
                    }
                    for path: MatrixPath in [
                        "/rooms/\(room)/messages?dir=b", "/rooms/\(room)/state", "/rooms/\(room)/members",
                        "/rooms/\(room)/joined_members",
                    ] {
                        #expect(try await client.request("GET", path).status == 403, "\(when) \(path)")
                    }
                }
            }
            try await nothing("after the ban")
            try await hearth.restart()
            try await nothing("after a restart")
            try await alice.post("/rooms/\(room)/unban", ["user_id": .string(mallory.userID)])
            try await mallory.peek(room)
        }
    }

    @Test("a member who is banned reads what came before the ban at most, whichever way they ask")
    func bannedMembers() async throws {
        try await withHearth { hearth in
            let (alice, mallory, room) = try await Self.readableRoom(on: hearth)
            try await mallory.join(room)
            let before = try await alice.sendText("before", to: room)
            try await alice.post("/rooms/\(room)/ban", ["user_id": .string(mallory.userID)])
            let after = try await alice.sendText("secret", to: room)
            try await alice.setState("m.room.topic", ["topic": "secret"], in: room)
            for path: MatrixPath in [
                "/rooms/\(room)/context/\(before)?limit=50", "/rooms/\(room)/context/\(after)", "/rooms/\(room)/event/\(before)",
                "/rooms/\(room)/event/\(after)", "/rooms/\(room)/messages?dir=b", "/rooms/\(room)/state",
                "/rooms/\(room)/relations/\(after)", "/sync?set_presence=offline",
            ] {
                let answer = try await mallory.request("GET", path)
                #expect(!answer.json.text.contains("secret"), "\(path)")
            }
            for event in [before, after, "$none"] {
                let redaction = try await mallory.request("PUT", "/rooms/\(room)/redact/\(event)/\(event.count)", body: [:])
                #expect(redaction.status == 403 && !redaction.json.text.contains("level"), "\(redaction.json.text)")
            }
            #expect(try await mallory.request("GET", "/rooms/\(room)/event/\(before)").status == 200)
            #expect(try await mallory.request("GET", "/rooms/\(room)/event/\(after)").status == 404)
        }
    }

    @Test("what names thousands is refused before any of them is looked up")
    func thousandsOfNames() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let mallory = try await hearth.client.register("mallory")
            let room = try await mallory.createRoom(["room_alias_name": "den"])
            let bystander = try await Bystander(on: hearth)
            let aliases = JSON.array(Array(repeating: "#den:localhost", count: 50_000))
            let devices = JSON.array(Array(repeating: "a", count: 180_000))
            var inboxes: JSONObject = [:]
            for number in 0..<50_000 { inboxes["D\(number)"] = [:] }
            let messages = inboxes
            let (statuses, report) = try await bystander.whileEnduring {
                [
                    try await mallory.request(
                        "PUT", "/rooms/\(room)/state/m.room.canonical_alias", body: ["alt_aliases": aliases]),
                    try await mallory.request("POST", "/delete_devices", body: ["devices": devices]),
                    try await mallory.request(
                        "PUT", "/sendToDevice/m.test/1", body: ["messages": ["@nobody:localhost": .object(messages)]]),
                ].map(\.status)
            }
            #expect(statuses == [400, 400, 413])
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    @Test("user agents that one user makes up neither fill the statistics of legacy presence nor hide other clients")
    func userAgents() async throws {
        try await withHearth { hearth in
            let mallory = try await hearth.client.register("mallory")
            for number in 0..<300 {
                _ = try await mallory.calling(itself: "Made-up-\(number)/1.0").legacyPresence(of: mallory.userID)
            }
            let alice = try await hearth.client.register("alice")
            _ = try await alice.calling(itself: "Element/1.12").request("GET", "/presence/\(alice.userID)/status")
            let admin = try await hearth.makeAdmin("root")
            let overview = try await admin.get("/_hearth/admin/v1/overview")
            let names = overview["legacy", "clients"]?.arrayValue?.compactMap { $0["client"]?.stringValue } ?? []
            #expect(names.contains("Element/1.12"), "\(names)")
            #expect(names.count <= 12, "\(names.count)")
        }
    }
}

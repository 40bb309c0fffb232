import HearthTestKit
import MatrixModel
import Testing

@Suite("The directory of users")
struct UserDirectoryStory {
    private static func search(_ term: String, by client: MatrixClient, limit: Int64? = nil) async throws -> MatrixResponse {
        var body: JSONObject = ["search_term": .string(term)]
        body["limit"] = limit.map { .integer($0) }
        return try await client.post("/user_directory/search", .object(body))
    }

    private static func found(_ term: String, by client: MatrixClient) async throws -> [String] {
        (try await search(term, by: client)["results"]?.arrayValue ?? []).compactMap { $0["user_id"]?.stringValue }
    }

    @Test("one finds who shares a room or is in one that everybody can join or read, and nobody else")
    func visibility() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let shares = try await hearth.client.register("shares.bob")
            let open = try await hearth.client.register("open.bob")
            let readable = try await hearth.client.register("readable.bob")
            let hidden = try await hearth.client.register("hidden.bob")
            let den = try await alice.createRoom(["invite": [.string(shares.userID)]])
            _ = try await open.createRoom(["preset": "public_chat"])
            let window = try await readable.createRoom()
            try await readable.setState("m.room.history_visibility", ["history_visibility": "world_readable"], in: window)
            _ = try await hidden.createRoom()
            #expect(
                try await Self.found("bob", by: alice) == [open.userID, readable.userID], "an invited user shares no room yet")
            try await shares.join(den)
            #expect(try await Self.found("bob", by: alice) == [open.userID, readable.userID, shares.userID])
            try await readable.setState("m.room.history_visibility", ["history_visibility": "shared"], in: window)
            try await hearth.restart()
            #expect(try await Self.found("BOB", by: alice) == [open.userID, shares.userID])
            try await shares.leave(den)
            #expect(try await Self.found("bob", by: alice) == [open.userID])
            #expect(try await Self.found("alice", by: alice) == [], "not oneself")
        }
    }

    @Test("names are found in any case, by all words, from the present profile; those that begin so come first")
    func names() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom(["preset": "public_chat"])
            var users: [String: MatrixClient] = [:]
            for (name, display) in [("a1", "Zoë Mayer"), ("b2", "Mayer, Anton"), ("c3", "100%_sure!")] {
                let user = try await hearth.client.register(name)
                try await user.join(room)
                try await user.put("/profile/\(user.userID)/displayname", ["displayname": .string(display)])
                users[name] = user
            }
            #expect(try await Self.found("mayer", by: alice) == ["@b2:localhost", "@a1:localhost"])
            #expect(try await Self.found("  MAYER zoë ", by: alice) == ["@a1:localhost"])
            #expect(try await Self.found("zoe\u{308}", by: alice) == ["@a1:localhost"], "however the accent is encoded")
            #expect(try await Self.found("ZOE\u{308} MAYER", by: alice) == ["@a1:localhost"])
            #expect(try await Self.found("%", by: alice) == ["@c3:localhost"])
            #expect(try await Self.found("0%_s", by: alice) == ["@c3:localhost"])
            #expect(try await Self.found("m_yer", by: alice) == [])
            #expect(try await Self.found("@a1:localhost", by: alice) == ["@a1:localhost"])
            #expect(try await Self.found("   ", by: alice) == [])
            try await users["a1"]?.put("/profile/@a1:localhost/avatar_url", ["avatar_url": "mxc://localhost/a"])
            try await users["a1"]?.put("/profile/@a1:localhost/displayname", ["displayname": "Zoë Huber"])
            let huber = try await Self.search("huber", by: alice)
            let expected: JSON = ["user_id": "@a1:localhost", "display_name": "Zoë Huber", "avatar_url": "mxc://localhost/a"]
            #expect(huber["results"] == [expected])
            #expect(huber["limited"] == false)
            #expect(try await Self.found("zoë mayer", by: alice) == [])
        }
    }

    @Test("a list that was cut says so; ended accounts and the server's own user are not in it")
    func limits() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom(["preset": "public_chat"])
            for number in 1...3 { try await hearth.client.register("team\(number)").join(room) }
            let cut = try await Self.search("team", by: alice, limit: 2)
            #expect(cut["results"]?.arrayValue?.count == 2)
            #expect(cut["limited"] == true)
            #expect(try await Self.search("team", by: alice, limit: 3)["limited"] == false)
            #expect(try await Self.found("_hearth", by: alice) == [])
            let gone = try await hearth.client.login("team1")
            let auth: JSON = [
                "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "team1"],
                "password": "correct horse battery staple",
            ]
            try await gone.post("/account/deactivate", ["auth": auth])
            #expect(try await Self.found("team", by: alice) == ["@team2:localhost", "@team3:localhost"])
            let path: MatrixPath = "/user_directory/search"
            #expect(try await alice.post(path, [:], expecting: 400).errorCode == "M_MISSING_PARAM")
            #expect(try await alice.post(path, ["search_term": 5], expecting: 400).errorCode == "M_BAD_JSON")
            #expect(try await alice.post(path, ["search_term": "x", "limit": -1], expecting: 400).errorCode == "M_BAD_JSON")
        }
    }
}

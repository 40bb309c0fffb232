import HearthTestKit
import MatrixModel
import Testing

@Suite("The directory of rooms")
struct RoomDirectoryStory {
    private static func names(_ response: MatrixResponse) -> [String] {
        (response["chunk"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }

    @Test("rooms are found when they were made public, and with what their state says now")
    func published() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom([
                "visibility": "public", "name": "Garden", "topic": "What grows", "room_alias_name": "garden",
                "creation_content": ["type": "org.example.bed"],
            ])
            _ = try await alice.createRoom(["preset": "public_chat", "name": "Unlisted"])
            try await bob.join(room)
            try await alice.setState("m.room.avatar", ["url": "mxc://localhost/leaf"], in: room)
            try await alice.setState("m.room.history_visibility", ["history_visibility": "world_readable"], in: room)
            let name = try await alice.setState("m.room.name", ["name": "Kitchen garden"], in: room)
            let expected: JSON = [
                "room_id": .string(room), "name": "Kitchen garden", "topic": "What grows", "num_joined_members": 2,
                "canonical_alias": "#garden:localhost", "avatar_url": "mxc://localhost/leaf", "join_rule": "public",
                "world_readable": true, "guest_can_join": false, "room_type": "org.example.bed",
            ]
            for restarts in [false, true] {
                if restarts { try await hearth.restart() }
                let list = try await hearth.client.get("/publicRooms")
                #expect(list["chunk"] == [expected])
                #expect(list["total_room_count_estimate"] == 1)
                #expect(list["next_batch"] == nil && list["prev_batch"] == nil)
            }
            try await alice.put("/rooms/\(room)/redact/\(name)/r1")
            #expect(try await alice.get("/publicRooms")["chunk"]?.arrayValue?.first?["name"] == nil)
        }
    }

    @Test("members who may set the canonical alias publish a room and take it back")
    func visibility() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat", "name": "Den"])
            let path: MatrixPath = "/directory/list/room/\(room)"
            #expect(try await alice.get(path).json == ["visibility": "private"])
            for stranger in [hearth.client, bob] {
                let answer = try await stranger.get(path, expecting: 404)
                #expect(answer.json == (try await stranger.get("/directory/list/room/!none:localhost", expecting: 404)).json)
            }
            #expect(try await bob.put(path, ["visibility": "public"], expecting: 403).errorCode == "M_FORBIDDEN")
            try await bob.join(room)
            #expect(try await bob.put(path, ["visibility": "public"], expecting: 403).errorCode == "M_FORBIDDEN")
            #expect(try await alice.put(path, ["visibility": "hidden"], expecting: 400).errorCode == "M_INVALID_PARAM")
            try await alice.put(path, [:])
            #expect(try await hearth.client.get(path).json == ["visibility": "public"])
            #expect(Self.names(try await bob.get("/publicRooms")) == ["Den"])
            try await alice.put(path, ["visibility": "private"])
            #expect(Self.names(try await bob.get("/publicRooms")) == [])
            let missing = try await alice.put("/directory/list/room/!none:localhost", [:], expecting: 404)
            #expect(missing.errorCode == "M_NOT_FOUND")
        }
    }

    @Test("a profile room is in no directory, and cannot be put there")
    func profileRooms() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let profile = try await alice.peekProfile(of: alice.userID)
            let path: MatrixPath = "/directory/list/room/\(profile)"
            #expect(try await alice.get(path, expecting: 404).errorCode == "M_NOT_FOUND")
            #expect(try await alice.put(path, ["visibility": "public"], expecting: 404).errorCode == "M_NOT_FOUND")
            let found = try await alice.post("/publicRooms", ["filter": ["room_types": ["m.profile"]]])
            #expect(found["chunk"] == [])
        }
    }

    @Test("pages follow each other in both directions, rooms with the most members first")
    func pages() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            for number in 1...5 {
                let room = try await alice.createRoom(["visibility": "public", "name": .string("room \(number)")])
                if number == 4 { try await bob.join(room) }
            }
            let first = try await alice.get("/publicRooms", query: ["limit": "2"])
            #expect(Self.names(first).first == "room 4")
            #expect(first["prev_batch"] == nil)
            #expect(first["total_room_count_estimate"] == 5)
            let second = try await alice.get("/publicRooms", query: ["limit": "2", "since": try first.string("next_batch")])
            let third = try await alice.post("/publicRooms", ["limit": 2, "since": .string(try second.string("next_batch"))])
            #expect(third["next_batch"] == nil)
            #expect(Set(Self.names(first) + Self.names(second) + Self.names(third)).count == 5)
            let back = try await alice.get("/publicRooms", query: ["limit": "2", "since": try second.string("prev_batch")])
            #expect(Self.names(back) == Self.names(first))
        }
    }

    @Test("a filter finds words in name, topic and alias, and types of rooms")
    func filters() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            for (name, topic, type) in [("Ärger", "noise", nil), ("Den", "ÄRGERLICH", "m.space"), ("Hall", "quiet", "x")] {
                var body: JSONObject = ["visibility": "public", "name": .string(name), "topic": .string(topic)]
                if let type { body["creation_content"] = ["type": .string(type)] }
                _ = try await alice.createRoom(body)
            }
            func found(_ filter: JSON) async throws -> Set<String> {
                Set(Self.names(try await alice.post("/publicRooms", ["filter": filter])))
            }
            #expect(try await found(["generic_search_term": "ärger"]) == ["Ärger", "Den"])
            #expect(try await found(["generic_search_term": "ärger", "room_types": [.null]]) == ["Ärger"])
            #expect(try await found(["room_types": ["m.space", .null]]) == ["Ärger", "Den"])
            #expect(try await found(["room_types": []]) == [])
            #expect(try await found([:]).count == 3)
            let other = try await alice.post("/publicRooms", ["third_party_instance_id": "irc"])
            #expect(other["chunk"] == [])
        }
    }

    @Test("what is no query is refused")
    func refusals() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            for query in [["limit": "-1"], ["limit": "x"], ["since": "x"], ["since": "p-1"], ["since": "p01"]] {
                #expect(try await alice.get("/publicRooms", query: query, expecting: 400).errorCode == "M_INVALID_PARAM")
            }
            let bodies: [JSON] = [
                ["limit": -1], ["limit": "x"], ["filter": 5], ["filter": ["room_types": [5]]], ["include_all_networks": 1],
                ["filter": ["generic_search_term": 5]],
            ]
            for body in bodies { #expect(try await alice.post("/publicRooms", body, expecting: 400).errorCode == "M_BAD_JSON") }
            let far = try await alice.get("/publicRooms", query: ["server": "far.example"], expecting: 404)
            #expect(far.errorCode == "M_NOT_FOUND")
            _ = try await alice.get("/publicRooms", query: ["server": "localhost"])
            _ = try await alice.get("/publicRooms", query: ["since": "p9223372036854775807"])
        }
    }
}

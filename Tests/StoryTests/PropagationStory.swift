import HearthTestKit
import MatrixModel
import Testing

/// What creating rooms and changing profiles do beyond the specification (MSC4466, MSC4495), and the words of MSC4532, over real HTTP.
@Suite("Proposals about profiles, rooms and presence")
struct PropagationStory {
    private static let parameter = "computer.gingershaped.msc4466.propagate_to"

    private static func set(_ name: String?, _ client: MatrixClient, to rooms: String?, expecting status: Int = 200) async throws
    {
        let query = rooms.map { [parameter: $0] } ?? [:]
        let response = try await client.request(
            name == nil ? "DELETE" : "PUT", "/profile/\(client.userID)/displayname", query: query,
            body: name.map { ["displayname": .string($0)] })
        #expect(response.status == status, "\(response.json.text)")
    }

    private static func names(_ client: MatrixClient, in rooms: [String]) async throws -> [String?] {
        var names: [String?] = []
        for room in rooms {
            names.append(try await client.state("m.room.member", key: client.userID, of: room)["displayname"]?.stringValue)
        }
        return names
    }

    @Test("a new name goes into all rooms, into those that had the old one, or into none; names of one's own in a room stay")
    func propagation() async throws {
        try await withHearth(settings: ["rate_limits.enabled": "false"]) { hearth in
            let alice = try await hearth.client.register("alice")
            #expect(try await alice.get("/_matrix/client/versions")["unstable_features", "computer.gingershaped.msc4466"] == true)
            try await Self.set("Alice", alice, to: nil)
            // More than one step of what follows a change.
            var rooms: [String] = []
            for _ in 0..<20 { rooms.append(try await alice.createRoom()) }
            rooms.sort()
            let member: JSON = ["membership": "join", "displayname": "Nick", "org.example.mood": "fine"]
            for room in [rooms[1], rooms[19]] { try await alice.setState("m.room.member", key: alice.userID, member, in: room) }
            func awaitNames(_ wanted: @escaping @Sendable (Int) -> String?) async throws {
                let expected = rooms.indices.map(wanted)
                var seen = try await Self.names(alice, in: rooms)
                let deadline = ContinuousClock.now + .seconds(10)
                while seen != expected, ContinuousClock.now < deadline { seen = try await Self.names(alice, in: rooms) }
                #expect(seen == expected)
            }
            try await Self.set("Al", alice, to: "unchanged")
            try await Self.set("Ally", alice, to: "unchanged")
            try await awaitNames { [1, 19].contains($0) ? "Nick" : "Ally" }
            try await Self.set("Nobody", alice, to: "none")
            try await awaitNames { [1, 19].contains($0) ? "Nick" : "Ally" }
            #expect(try await alice.get("/profile/\(alice.userID)/displayname").json == ["displayname": "Nobody"])
            try await Self.set("Nobody", alice, to: "all")
            try await awaitNames { _ in "Nobody" }
            let mood = try await alice.state("m.room.member", key: alice.userID, of: rooms[19])["org.example.mood"]
            #expect(mood == "fine", "what else stands in the member event stays")
            try await Self.set(nil, alice, to: "unchanged")
            try await awaitNames { _ in nil }
            try await Self.set("x", alice, to: "some", expecting: 400)
            try await Self.set(nil, alice, to: "", expecting: 400)
            let other = try await alice.request(
                "PUT", "/profile/\(alice.userID)/m.tz", query: [Self.parameter: "some"], body: ["m.tz": "UTC"])
            #expect(other.status == 200, "it means nothing for fields that stand in no member event")
        }
    }

    @Test("a room is made with the hint of its preset, unless the request brings one under either name")
    func hints() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            #expect(
                try await alice.get("/_matrix/client/versions")["unstable_features", "org.continuwuity.presence_v2.msc4495"]
                    == true)
            let hint = "org.continuwuity.presence_v2.msc4495.room.presence_sharing"
            let cases: [(JSONObject, String)] = [
                ([:], "suggest"), (["preset": "private_chat"], "suggest"), (["preset": "trusted_private_chat"], "suggest"),
                (["preset": "public_chat"], "forbid"), (["visibility": "public"], "forbid"),
                (["visibility": "public", "preset": "private_chat"], "suggest"),
                (["initial_state": [["type": .string(hint), "content": ["presence_sharing": "forbid"]]]], "forbid"),
            ]
            for (body, word) in cases {
                let room = try await alice.createRoom(body)
                #expect(try await alice.state(hint, of: room) == ["presence_sharing": .string(word)], "\(body)")
            }
            let stable: JSON = [["type": "m.room.presence_sharing", "content": ["presence_sharing": "forbid"]]]
            let room = try await alice.createRoom(["initial_state": stable])
            _ = try await alice.get("/rooms/\(room)/state/\(hint)", expecting: 404)
        }
    }

    @Test("the words of MSC4532 are read where presence is set and never sent, and its status stands in what clients of old read")
    func words() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let prefix = "org.continuwuity.presence_v2.msc4532."
            for (word, presence) in [
                ("active", "online"), ("idle", "unavailable"), (prefix + "active", "online"), (prefix + "busy", "busy"),
                (prefix + "idle", "unavailable"), ("offline", "offline"),
            ] {
                try await alice.clearPresence()
                try await alice.putPresence(word, statusMessage: "at work", fields: ["io.hearth.manual": true])
                let own = try await alice.legacyPresence(of: alice.userID)
                #expect(own["presence"]?.stringValue?.hasSuffix(presence) == true, "\(word): \(own.json.text)")
                #expect(own[prefix + "status"] == ["msg": "at work"])
            }
            try await alice.clearPresence()
            for word in ["idle", prefix + "idle"] {
                _ = try await alice.sync(setPresence: word)
                #expect(try await alice.ownPresence().text.contains(#""presence":"unavailable""#))
                _ = try await alice.sync(setPresence: "active")
                #expect(try await alice.ownPresence()["io.hearth.sources"]?.arrayValue?.first?["explicit"] == true)
            }
            for word in ["Active", prefix + "online", "org.matrix.msc3026.idle"] {
                #expect(try await alice.putPresence(word, expecting: 400).errorCode == "M_INVALID_PARAM")
                let sync = try await alice.get("/sync", query: ["set_presence": word], expecting: 400)
                #expect(sync.errorCode == "M_INVALID_PARAM")
            }
            let features = try await alice.get("/_matrix/client/versions")["unstable_features"]?.objectValue
            #expect(features?["org.continuwuity.presence_v2.msc4532"] == nil)
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

@Suite("Empty names")
struct EmptyNameStory {
    @Test("an empty name or picture counts as unset wherever it shows", arguments: ["displayname", "avatar_url"])
    func unset(key: String) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let field: MatrixPath = "/profile/\(alice.userID)/\(key)"
            try await alice.put(field, .pairs((key, "mxc://localhost/flower")))
            #expect(try await bob.get(field).json == .pairs((key, "mxc://localhost/flower")))
            let member = try await bob.state("m.room.member", key: alice.userID, of: room)
            #expect(member[key] == "mxc://localhost/flower")
            try await alice.put(field, .pairs((key, "")))
            _ = try await bob.get(field, expecting: 404)
            #expect(try await bob.get("/profile/\(alice.userID)").json[key] == nil)
            #expect(try await bob.state("m.room.member", key: alice.userID, of: room) == ["membership": "join"])
            let found = try await bob.post("/user_directory/search", ["search_term": "alice"]).json["results"]?.arrayValue
            #expect(found == [.pairs(("user_id", .string(alice.userID)))])
            let joined = try await bob.get("/rooms/\(room)/joined_members").json["joined", alice.userID]
            #expect(joined == [:])
        }
    }

    @Test("one that stands in the profile room itself, or in a member event, counts as unset too")
    func state() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let profile = try await alice.peekProfile(of: alice.userID)
            try await alice.setState("m.profile", ["displayname": "", "org.example.mood": "fine"], in: profile)
            #expect(try await bob.get("/profile/\(alice.userID)").json == ["org.example.mood": "fine"])
            let room = try await alice.createRoom(["preset": "public_chat"])
            #expect(try await alice.state("m.room.member", key: alice.userID, of: room) == ["membership": "join"])
            try await alice.setState("m.room.member", key: alice.userID, ["membership": "join", "displayname": ""], in: room)
            #expect(try await alice.get("/rooms/\(room)/joined_members").json["joined", alice.userID] == [:])
        }
    }
}

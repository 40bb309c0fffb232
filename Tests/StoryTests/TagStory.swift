import HearthTestKit
import MatrixModel
import Testing

@Suite("Tags")
struct TagStory {
    @Test("tags are set and taken away one by one, and come with the room's account data")
    func tags() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let room = try await alice.createRoom()
            let tags: MatrixPath = "/user/\(alice.userID)/rooms/\(room)/tags"
            #expect(try await alice.get(tags).json == ["tags": [:]])
            let start = try await tablet.sync(setPresence: "offline")
            async let held = tablet.syncUntil(since: start.nextBatch) { $0.accountData("m.tag", of: room) != nil }
            try await alice.put("/user/\(alice.userID)/rooms/\(room)/tags/m.favourite", ["order": .double(0.25)])
            #expect(try await held.accountData("m.tag", of: room) == ["tags": ["m.favourite": ["order": .double(0.25)]]])
            try await alice.put("/user/\(alice.userID)/rooms/\(room)/tags/u.work/home", [:], expecting: 404)
            try await alice.put("/user/\(alice.userID)/rooms/\(room)/tags/\("u.work/home")", [:])
            #expect(try await alice.get(tags)["tags"] == ["m.favourite": ["order": .double(0.25)], "u.work/home": [:]])
            try await alice.delete("/user/\(alice.userID)/rooms/\(room)/tags/m.favourite")
            try await hearth.restart()
            #expect(try await alice.get(tags)["tags"] == ["u.work/home": [:]])
            let before = try await tablet.sync(setPresence: "offline")
            try await alice.delete("/user/\(alice.userID)/rooms/\(room)/tags/m.favourite")
            #expect(try await tablet.sync(since: before.nextBatch, setPresence: "offline").nextBatch == before.nextBatch)
        }
    }

    @Test("tags are their user's own and for rooms that the user has to do with")
    func refusals() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom()
            let own: MatrixPath = "/user/\(alice.userID)/rooms/\(room)/tags/u.x"
            #expect(try await bob.put(own, [:], expecting: 403).errorCode == "M_FORBIDDEN")
            let foreign: MatrixPath = "/user/\(bob.userID)/rooms/\(room)/tags/u.x"
            #expect(try await bob.put(foreign, [:], expecting: 403).errorCode == "M_FORBIDDEN")
            #expect(try await alice.put(own, ["order": "first"], expecting: 400).errorCode == "M_BAD_JSON")
            let long: MatrixPath = "/user/\(alice.userID)/rooms/\(room)/tags/\(String(repeating: "t", count: 256))"
            #expect(try await alice.put(long, [:], expecting: 400).errorCode == "M_INVALID_PARAM")
            let large: JSON = ["note": .string(String(repeating: "x", count: 70_000))]
            #expect(try await alice.put(own, large, expecting: 413).errorCode == "M_TOO_LARGE")
        }
    }
}

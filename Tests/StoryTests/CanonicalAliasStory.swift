import HearthTestKit
import MatrixModel
import Testing

@Suite("Aliases that a room names")
struct CanonicalAliasStory {
    @Test("an alias that is deleted is named no more, as far as the one who deletes it may change that")
    func deleted() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            for (name, maker) in [("one", alice), ("two", alice), ("three", bob)] {
                try await maker.put("/directory/room/\("#\(name):localhost")", ["room_id": .string(room)])
            }
            let named: JSON = [
                "alias": "#one:localhost", "alt_aliases": ["#two:localhost", "#three:localhost"], "org.example.note": "kept",
            ]
            try await alice.setState("m.room.canonical_alias", named, in: room)
            try await bob.delete("/directory/room/\("#three:localhost")")
            #expect(try await alice.state("m.room.canonical_alias", of: room) == named, "bob may delete his alias and no more")
            let since = try await bob.sync(setPresence: "offline").nextBatch
            try await alice.delete("/directory/room/\("#two:localhost")")
            #expect(
                try await alice.state("m.room.canonical_alias", of: room)
                    == ["alias": "#one:localhost", "alt_aliases": ["#three:localhost"], "org.example.note": "kept"])
            try await alice.delete("/directory/room/\("#one:localhost")")
            let last: JSON = ["alt_aliases": ["#three:localhost"], "org.example.note": "kept"]
            let told = try await bob.sync(since: since, setPresence: "offline").timeline(of: room)
            #expect(told.ofType("m.room.canonical_alias").contents.last == last)
            #expect(told.last?["sender"] == .string(alice.userID))
        }
    }
}

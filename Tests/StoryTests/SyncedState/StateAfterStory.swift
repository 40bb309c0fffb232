import HearthTestKit
import MatrixModel
import Testing

/// `use_state_after`: the state after the timeline, under the spec's name and under the one that js-sdk sends.
@Suite("The state after the timeline")
struct StateAfterStory {
    @Test("/versions promises it")
    func versions() async throws {
        try await withHearth { hearth in
            let versions = try await hearth.client.get("/_matrix/client/versions")
            #expect(versions["unstable_features", "org.matrix.msc4222"] == true)
            #expect(versions["versions"]?.arrayValue?.contains("v1.16") == true)
        }
    }

    @Test(
        "it is there in join, leave and peek even if it is empty, and holds what the timeline shows",
        arguments: SyncedRoom.Form.allCases)
    func everySection(form: SyncedRoom.Form) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await HiddenStateStory.room(of: alice, visibility: "world_readable")
            var client = SyncedRoom(bob, room, form: form)
            try await bob.peek(room)
            try await client.sync()
            #expect(client.sections == ["peek"])
            try await alice.sendText("hello", to: room)
            try await client.sync()
            #expect(client.sections == ["peek"] && client.told.isEmpty)
            try await alice.setState("m.room.topic", ["topic": "peeked"], in: room)
            try await client.sync()
            #expect(client.timeline.count == 1 && client.told.count == (form == .before ? 0 : 1))
            try await bob.unpeek(room)
            try await client.sync()
            #expect(client.sections == ["leave"] && client.told.isEmpty)

            try await alice.invite(bob.userID, to: room)
            try await client.sync()
            #expect(client.sections == ["invite"])
            try await bob.join(room)
            try await client.sync()
            #expect(client.sections == ["join"])
            try await client.expectTruth()
            try await alice.sendText("hello", to: room)
            try await client.sync()
            #expect(client.sections == ["join"] && client.told.isEmpty)
            try await alice.setState("m.room.topic", ["topic": "joined"], in: room)
            try await client.sync()
            #expect(client.timeline.count == 1 && client.told.count == (form == .before ? 0 : 1))
            try await client.sync(fullState: true)
            #expect(client.timeline.isEmpty && client.told.count > 5)
            try await client.expectTruth()
            try await bob.leave(room)
            try await client.sync()
            #expect(client.sections == ["leave"])
            #expect(client.timeline.count == 1 && client.told.count == (form == .before ? 0 : 1))
        }
    }
}

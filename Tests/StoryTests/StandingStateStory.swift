import HearthTestKit
import MatrixModel
import Testing

/// PUT /rooms/{roomId}/state/… of what stands there already.
@Suite("State that stands already")
struct StandingStateStory {
    @Test("a member gets the event that stands there, and who has left the room, or was banned, is refused")
    func repeatedState() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom([
                "preset": "public_chat", "power_level_content_override": ["users_default": 50],
            ])
            try await bob.join(room)
            let event = try await bob.setState("m.room.topic", ["topic": "tea"], in: room)
            #expect(try await bob.setState("m.room.topic", ["topic": "tea"], in: room) == event)
            try await bob.leave(room)
            let path: MatrixPath = "/rooms/\(room)/state/m.room.topic/"
            #expect(try await bob.put(path, ["topic": "tea"], expecting: 403).errorCode == "M_FORBIDDEN")
            try await alice.post("/rooms/\(room)/ban", ["user_id": .string(bob.userID)])
            #expect(try await bob.put(path, ["topic": "tea"], expecting: 403).errorCode == "M_FORBIDDEN")
        }
    }
}

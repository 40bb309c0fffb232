import HearthStore
import MatrixModel
import SubscriptionCore
import Synchronization
import Testing

@testable import HearthServices

@Suite("State that somebody reads who has left")
struct DepartedStateTests {
    /// Counts what is read.
    private final class Counting: ReadMeter {
        private let taken = Mutex(0)
        var bytes: Int { taken.withLock { $0 } }

        func begin() async throws {}
        func end() {}
        func takes(_ bytes: Int) throws { taken.withLock { $0 += bytes } }
        func mayBeginAgain(after error: any Error) async throws -> Bool { false }
        func forgets() {}
    }

    @Test("one piece of it is as it was then, and read without the others; the own membership is as it is now")
    func onePiece() async throws {
        try await ServiceFixture.with { fixture in
            let rooms = fixture.assembly.rooms(typing: fixture.assembly.typing { _ in }) { _ in }
            let (alice, bob) = (try await fixture.makeUser("alice"), try await fixture.makeUser("bob"))
            var request = CreateRoomRequest()
            request.preset = .publicChat
            request.name = "Before"
            request.topic = "As ever"
            let padding: JSONObject = ["x": .string(String(repeating: "x", count: 1_000))]
            request.initialState = (0..<100).map { .init(key: StateKey("org.example", "\($0)"), content: padding) }
            let room = try await rooms.create(request, by: alice)
            _ = try await rooms.join(.id(room), by: bob)
            try await rooms.leave(room, by: bob)
            try await fixture.writer.perform { context in
                for (type, content) in [("m.room.name", ["name": "After"]), ("org.example.new", [:])] as [(EventType, JSONObject)]
                {
                    try context.send(EventRequest(type: type, stateKey: "", sender: alice.user, content: content), in: room)
                }
            }
            let reader = fixture.assembly.reader()
            let counting = Counting()
            func state(_ key: StateKey) async throws -> PersistedEvent {
                try await MeteredRead.$meter.withValue(counting) { try await reader.state(key, of: room, for: bob.user) }
            }
            #expect(try await state(StateKey(.name)).content == ["name": "Before"])
            #expect(try await state(StateKey("m.room.topic")).content["topic"] == "As ever")
            #expect(try await state(.member(bob.user)).membership == .leave)
            #expect(try await state(.member(alice.user)).membership == .join)
            await #expect(throws: RoomError.self) { try await state(StateKey("org.example.new")) }
            #expect((1...50_000).contains(counting.bytes), "\(counting.bytes) bytes for five pieces")
        }
    }
}

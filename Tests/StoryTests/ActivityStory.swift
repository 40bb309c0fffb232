import HearthTestKit
import MatrixModel
import Testing

@Suite("Activity")
struct ActivityStory {
    private static let settings = ["presence.idle_after": "1500ms", "presence.settle": "0ms"]

    @Test(
        "a client that does not say what it is decays, and comes back with whatever its user does in a room",
        arguments: ["message", "state", "receipt", "private receipt", "read marker", "typing"])
    func activity(_ kind: String) async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            let event = try await alice.sendText("hello", to: room)
            _ = try await alice.sync()
            try await Self.waitUntil(alice, is: "unavailable")
            switch kind {
            case "message": try await alice.sendText("again", to: room)
            case "state": try await alice.setState("m.room.topic", ["topic": "new"], in: room)
            case "receipt": try await alice.sendReceipt(for: event, in: room)
            case "private receipt": try await alice.sendReceipt("m.read.private", for: event, in: room)
            case "read marker": try await alice.post("/rooms/\(room)/read_markers", ["m.fully_read": .string(event)])
            default: try await alice.putTyping(in: room, for: 1000)
            }
            #expect(try await alice.ownPresence()["presence"] == "online")
        }
    }

    @Test("to have stopped typing, to read and to be refused are no activity")
    func noActivity() async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            _ = try await alice.sync()
            try await Self.waitUntil(alice, is: "unavailable")
            try await alice.putTyping(in: room, for: nil)
            _ = try await alice.get("/rooms/\(room)/messages", query: ["dir": "b"])
            try await alice.sendReceipt(for: "$nothing", in: room, expecting: 404)
            #expect(try await alice.ownPresence()["presence"] == "unavailable")
        }
    }

    private static func waitUntil(_ client: MatrixClient, is presence: String) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await client.ownPresence()["presence"] != .string(presence) {
            guard ContinuousClock.now < deadline else {
                Issue.record("presence never became \(presence)")
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

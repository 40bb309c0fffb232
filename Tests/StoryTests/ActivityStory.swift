import HearthTestKit
import MatrixModel
import Testing

@Suite("Activity")
struct ActivityStory {
    private static let idleAfter: Duration = .milliseconds(1500)
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
            try await Self.expectOnline(alice) {
                switch kind {
                case "message": try await alice.sendText("again", to: room)
                case "state": try await alice.setState("m.room.topic", ["topic": "new"], in: room)
                case "receipt": try await alice.sendReceipt(for: event, in: room)
                case "private receipt": try await alice.sendReceipt("m.read.private", for: event, in: room)
                case "read marker": try await alice.post("/rooms/\(room)/read_markers", ["m.fully_read": .string(event)])
                default: try await alice.putTyping(in: room, for: 1000)
                }
            }
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

    /// Does something and looks at once. On a busy machine the look may come after the user has decayed again: that tells nothing, and is
    /// tried once more.
    private static func expectOnline(_ client: MatrixClient, after act: () async throws -> Void) async throws {
        for _ in 0..<20 {
            let began = ContinuousClock.now
            try await act()
            let presence = try await client.ownPresence()["presence"]
            guard presence != "online" else { return }
            try #require(ContinuousClock.now - began >= idleAfter, "\(presence ?? .null) right after the activity")
        }
        Issue.record("no look in twenty came soon enough to tell")
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

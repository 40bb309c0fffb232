import HearthTestKit
import MatrixModel

/// Alice with two devices, bob, whom she ignores or does not, carol, who sees what it does to others, and a room of theirs.
struct IgnoringScene {
    static let type = "m.ignored_user_list"

    let alice: MatrixClient
    let laptop: MatrixClient
    let bob: MatrixClient
    let carol: MatrixClient
    let room: String

    init(_ hearth: HearthProcess) async throws {
        alice = try await hearth.client.register("alice")
        laptop = try await hearth.client.login("alice")
        bob = try await hearth.client.register("bob")
        carol = try await hearth.client.register("carol")
        room = try await alice.createRoom(["preset": "public_chat", "power_level_content_override": ["state_default": 0]])
        try await bob.join(room)
        try await carol.join(room)
    }

    func ignore(_ others: MatrixClient...) async throws {
        let entries = JSONObject(others.map { ($0.userID, JSON.object([:])) })
        try await alice.setAccountData(Self.type, ["ignored_users": .object(entries)])
    }

    /// The bodies of a room's messages in an answer.
    static func bodies(_ events: [JSON]) -> [String] { events.compactMap { $0["content", "body"]?.stringValue } }

    /// Whether an answer tells of no room and nobody's presence.
    static func isQuiet(_ response: SyncResponse) -> Bool {
        (response["rooms"]?.objectValue?.isEmpty ?? true) && response.json.events(at: "presence").isEmpty
    }

    func told(_ response: SyncResponse) -> [String] { Self.bodies(response.timeline(of: room)) }

    func fresh(_ client: MatrixClient) async throws -> SyncResponse {
        try await client.sync(setPresence: "offline", filter: ["room": ["timeline": ["limit": 100]]])
    }

    func next(_ client: MatrixClient, since: String, timeout: Int = 0) async throws -> SyncResponse {
        try await client.sync(since: since, timeout: timeout, setPresence: "offline")
    }
}

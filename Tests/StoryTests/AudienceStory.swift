import HearthTestKit
import MatrixModel
import Testing

/// Who may see a user's presence, at every endpoint, over real HTTP.
@Suite("The audience")
struct AudienceStory {
    private static let sharing = "m.presence.sharing"
    private static let alternative = "org.continuwuity.presence_v2.msc4495.presence.sharing"

    /// Alice, busy and with a status; bob, who shares a room with her; mallory, who does not.
    private struct Scene {
        let alice: MatrixClient
        let bob: MatrixClient
        let mallory: MatrixClient
        let room: String
        let profile: String

        init(_ hearth: HearthProcess) async throws {
            alice = try await hearth.client.register("alice")
            bob = try await hearth.client.register("bob")
            mallory = try await hearth.client.register("mallory")
            room = try await alice.createRoom(["preset": "private_chat", "invite": [.string(bob.userID)]])
            try await bob.join(room)
            profile = try await alice.peekProfile(of: alice.userID)
            try await alice.putPresence("busy", statusMessage: "in a meeting")
        }
    }

    /// What one endpoint tells a client of alice's lane.
    private enum Look: String, CaseIterable {
        case peek, state, presence, status, members, messages, event, context, profile, profileStatus, legacySync, legacyGet
    }

    /// Every event of a lane that a JSON value holds, however deep.
    private static func holdsLane(_ json: JSON) -> Bool {
        switch json {
        case .array(let values): values.contains(where: holdsLane)
        case .object(let object):
            object["type"] == "m.presence" || object["type"] == "m.status" || object["m.status"] != nil
                || object.members.contains { holdsLane($0.value) }
        default: false
        }
    }

    private static func answer(_ look: Look, to viewer: MatrixClient, _ scene: Scene, event: String) async throws
        -> MatrixResponse
    {
        let room = scene.profile
        return switch look {
        case .peek: try await viewer.get("/sync", query: ["filter": #"{"presence":{"not_types":["*"]}}"#])
        case .state: try await viewer.request("GET", "/rooms/\(room)/state")
        case .presence: try await viewer.request("GET", "/rooms/\(room)/state/m.presence/")
        case .status: try await viewer.request("GET", "/rooms/\(room)/state/m.status")
        case .members: try await viewer.request("GET", "/rooms/\(room)/members")
        case .messages: try await viewer.request("GET", "/rooms/\(room)/messages", query: ["dir": "b", "limit": "100"])
        case .event: try await viewer.request("GET", "/rooms/\(room)/event/\(event)")
        case .context: try await viewer.request("GET", "/rooms/\(room)/context/\(event)")
        case .profile: try await viewer.request("GET", "/profile/\(scene.alice.userID)")
        case .profileStatus: try await viewer.request("GET", "/profile/\(scene.alice.userID)/m.status")
        case .legacySync:
            try await viewer.get(
                "/sync", query: ["filter": #"{"presence":{"senders":["@alice:localhost"]},"room":{"rooms":[]}}"#])
        case .legacyGet: try await viewer.request("GET", "/presence/\(scene.alice.userID)/status")
        }
    }

    @Test("every endpoint shows the lane to who is inside, and to who is outside the room as if it held none")
    func everyEndpoint() async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth)
            try await scene.bob.peekProfile(of: scene.alice.userID)
            try await scene.mallory.peekProfile(of: scene.alice.userID)
            let state = try await scene.bob.get("/rooms/\(scene.profile)/state").json.arrayValue ?? []
            let event = state.ofType("m.presence").first?["event_id"]?.stringValue ?? ""
            #expect(!event.isEmpty && state.ofType("m.status").count == 1)
            for look in Look.allCases {
                let inside = try await Self.answer(look, to: scene.bob, scene, event: event)
                let outside = try await Self.answer(look, to: scene.mallory, scene, event: event)
                #expect(!Self.holdsLane(outside.json), "\(look): \(outside.json.text)")
                switch look {
                case .peek, .state, .profile, .legacySync:
                    #expect(inside.status == 200 && Self.holdsLane(inside.json), "\(look): \(inside.json.text)")
                    #expect(outside.status == 200, "\(look)")
                case .presence, .status, .event, .context, .profileStatus:
                    #expect(inside.status == 200, "\(look): \(inside.json.text)")
                    #expect(outside.status == 404 && outside.errorCode == "M_NOT_FOUND", "\(look): \(outside.json.text)")
                case .members, .messages:
                    // The lane is in nobody's history.
                    #expect(inside.status == 200 && !Self.holdsLane(inside.json), "\(look): \(inside.json.text)")
                    #expect(outside.status == 200)
                case .legacyGet:
                    #expect(inside["presence"] == "org.matrix.msc3026.busy" && inside["status_msg"] == "in a meeting")
                    let unknown = try await scene.mallory.request("GET", "/presence/\("@nobody:localhost")/status")
                    #expect(outside.status == 403 && unknown.status == 403 && outside.json == unknown.json)
                }
            }
            // A peek from outside shows the room all the same; who is not logged in sees no status.
            let whole = try await scene.mallory.sync(setPresence: "offline")
            #expect(whole.peeked(scene.profile).ofType("m.room.create").count == 1)
            #expect(try await hearth.client.get("/profile/\(scene.alice.userID)")["m.status"] == nil)
        }
    }

    @Test("a revocation ends the live peek of a held sync at once, with nothing of the lane in it, and again for the same token")
    func revocation() async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth)
            let (alice, bob, profile) = (scene.alice, scene.bob, scene.profile)
            try await bob.peek(profile)
            let start = try await bob.sync(setPresence: "offline")
            #expect(start.peeked(profile).ofType("m.presence").count == 1)

            async let held = bob.sync(since: start.nextBatch, timeout: 20_000, setPresence: "offline")
            try await Task.sleep(for: .milliseconds(200))
            try await alice.setAccountData(Self.sharing, ["users": [bob.userID: "deny"]])
            let revoked = try await held
            #expect(revoked["rooms", "leave", profile] != nil && revoked["rooms", "peek"] == nil)
            #expect(revoked.state(of: profile, in: "leave").isEmpty && revoked.timeline(of: profile, in: "leave").isEmpty)
            #expect(revoked.legacyPresence(of: alice.userID)?["presence"] == "offline")
            #expect(revoked.legacyPresence(of: alice.userID)?["status_msg"] == nil)
            try await alice.putPresence("unavailable", statusMessage: "secret", fields: ["io.hearth.manual": true])
            let again = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(again["rooms", "leave", profile] != nil && again["rooms", "peek"] == nil)
            #expect(!again.json.text.contains("secret") && again["presence"] == revoked["presence"])
            #expect(try await bob.sync(since: revoked.nextBatch, setPresence: "offline").nextBatch == revoked.nextBatch)

            try await hearth.restart()
            let restarted = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(restarted["rooms", "leave", profile] != nil && restarted["rooms", "peek"] == nil)
            try await bob.peek(profile)
            let whole = try await bob.sync(since: revoked.nextBatch, setPresence: "offline")
            #expect(whole.peeked(profile).ofType("m.room.create").count == 1 && !Self.holdsLane(whole.json))
        }
    }

    @Test("a grant brings presence and status as they stand in the state of the next sync, and to legacy clients once")
    func grant() async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth)
            let (alice, bob, profile) = (scene.alice, scene.bob, scene.profile)
            try await alice.setAccountData(Self.alternative, ["share_locally": false])
            // Two names, one value.
            #expect(try await alice.get("/user/\(alice.userID)/account_data/\(Self.sharing)")["share_locally"] == false)
            try await bob.peek(profile)
            let start = try await bob.sync(setPresence: "offline")
            #expect(!Self.holdsLane(start.json["rooms", "peek"] ?? .null) && start.legacyPresence(of: alice.userID) == nil)

            async let held = bob.sync(since: start.nextBatch, timeout: 20_000, setPresence: "offline")
            try await alice.setAccountData(Self.sharing, ["users": [bob.userID: "allow"]])
            let granted = try await held
            #expect(granted.state(of: profile, in: "peek").map { $0["type"] } == ["m.presence", "m.status"])
            #expect(granted.timeline(of: profile, in: "peek").isEmpty)
            #expect(granted.legacyPresence(of: alice.userID)?["presence"] == "org.matrix.msc3026.busy")
            let again = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(again["rooms"] == granted["rooms"])
            #expect(try await bob.sync(since: granted.nextBatch, setPresence: "offline").nextBatch == granted.nextBatch)
            try await alice.putPresence("online")
            let online = try await bob.syncUntil(since: granted.nextBatch) { !$0.peeked(profile).isEmpty }
            #expect(online.timeline(of: profile, in: "peek").ofType("m.presence").count == 1)
        }
    }

    @Test("joining a room lets one in, leaving the last one shuts one out")
    func membership() async throws {
        try await withHearth { hearth in
            let scene = try await Scene(hearth)
            let (alice, mallory, profile) = (scene.alice, scene.mallory, scene.profile)
            try await mallory.peek(profile)
            let start = try await mallory.sync(setPresence: "offline")
            try await alice.invite(mallory.userID, to: scene.room)
            try await mallory.join(scene.room)
            let inside = try await mallory.sync(since: start.nextBatch, setPresence: "offline")
            #expect(inside.state(of: profile, in: "peek").map { $0["type"] } == ["m.presence", "m.status"])
            #expect(inside.legacyPresence(of: alice.userID) != nil)
            try await alice.post("/rooms/\(scene.room)/kick", ["user_id": .string(mallory.userID)])
            let outside = try await mallory.sync(since: inside.nextBatch, setPresence: "offline")
            #expect(outside["rooms", "leave", profile] != nil && outside["rooms", "peek"] == nil)
            #expect(outside.legacyPresence(of: alice.userID)?["presence"] == "offline")
            #expect(try await mallory.legacyPresence(of: alice.userID, expecting: 403).errorCode == "M_FORBIDDEN")
        }
    }

    @Test("the operator's word holds for who has said nothing, and for who takes back what they said")
    func operatorsDefault() async throws {
        try await withHearth(settings: ["presence.audience": "everyone"]) { hearth in
            let scene = try await Scene(hearth)
            #expect(try await scene.mallory.legacyPresence(of: scene.alice.userID)["presence"] == "org.matrix.msc3026.busy")
            try await scene.alice.setAccountData(Self.sharing, ["io.hearth.default": "shared_rooms"])
            #expect(try await scene.mallory.legacyPresence(of: scene.alice.userID, expecting: 403).errorCode == "M_FORBIDDEN")
            try await scene.alice.setAccountData(Self.sharing, ["io.hearth.default": "friends"])
            #expect(try await scene.bob.legacyPresence(of: scene.alice.userID, expecting: 403).errorCode == "M_FORBIDDEN")
            try await scene.alice.setAccountData(Self.sharing, [:])
            #expect(try await scene.mallory.legacyPresence(of: scene.alice.userID)["presence"] == "org.matrix.msc3026.busy")
        }
    }
}

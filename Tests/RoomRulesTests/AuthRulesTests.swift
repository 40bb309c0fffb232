import MatrixModel
import Testing

@testable import RoomRules

/// What the vectors of the second implementation do not show: selection, sentences, limits and contradictions.
@Suite("Authorisation rules")
struct AuthRulesTests {
    static let alice = TestRoom.user("alice")
    static let bob = TestRoom.user("bob")

    static let selections: [(String, EventType, String?, JSONObject, [StateKey])] = [
        ("a create event names nothing", .create, "", [:], []),
        ("a message", .message, nil, [:], [.create, .powerLevels, .member(alice)]),
        (
            "a membership content elsewhere means nothing", "test", "", ["membership": "join"],
            [.create, .powerLevels, .member(alice)]
        ),
        ("a join", .member, alice.rawValue, ["membership": "join"], [.create, .powerLevels, .member(alice), .joinRules]),
        (
            "a restricted join", .member, alice.rawValue,
            ["membership": "join", "join_authorised_via_users_server": "@bob:alpha.test"],
            [.create, .powerLevels, .member(alice), .joinRules, .member(bob)]
        ),
        (
            "an invite", .member, bob.rawValue, ["membership": "invite"],
            [.create, .powerLevels, .member(alice), .member(bob), .joinRules]
        ),
        (
            "an answer to a third-party invite", .member, bob.rawValue,
            ["membership": "invite", "third_party_invite": ["signed": ["token": "t"]]],
            [.create, .powerLevels, .member(alice), .member(bob), .joinRules, StateKey(.thirdPartyInvite, "t")]
        ),
        ("a knock", .member, alice.rawValue, ["membership": "knock"], [.create, .powerLevels, .member(alice), .joinRules]),
        ("a leave", .member, alice.rawValue, ["membership": "leave"], [.create, .powerLevels, .member(alice)]),
        ("a ban", .member, bob.rawValue, ["membership": "ban"], [.create, .powerLevels, .member(alice), .member(bob)]),
    ]

    @Test("auth events are selected as the spec says; version 12 leaves the create event out", arguments: selections)
    func selection(name: String, type: EventType, key: String?, content: JSONObject, expected: [StateKey]) {
        for version in RoomVersion.allCases {
            let keys = AuthEventSelection.keys(
                forType: type, stateKey: key, sender: Self.alice, content: content, version: version)
            #expect(keys == (version == .v12 ? expected.filter { $0 != .create } : expected))
        }
    }

    @Test("a refusal names its rule and says a sentence with the levels")
    func sentences() throws {
        var room = try TestRoom(version: .v11)
        try room.join(TestRoom.creator)
        try room.send(.joinRules, from: TestRoom.creator, key: "", ["join_rule": "public"])
        try room.join(Self.alice)
        let refusal = try #require(try room.refusal(.topic, from: Self.alice, key: "", ["topic": "x"]))
        #expect(refusal.rule == .requiredPower)
        #expect(
            refusal.description
                == "To send m.room.topic takes power level 50, but that of @alice:alpha.test is 0.")
        #expect(try room.refusal(.message, from: Self.bob, [:])?.rule == .notJoined)
        #expect(try room.refusal("test", from: TestRoom.creator, key: Self.alice.rawValue, [:])?.rule == .stateKey)
        #expect(try room.refusal(.member, from: Self.alice, key: Self.bob.rawValue, ["membership": "ban"])?.rule == .ban)
    }

    @Test("an event is never judged by another room's or another version's state")
    func contradictions() throws {
        let room = try TestRoom(version: .v11)
        let event = try room.event(.member, from: TestRoom.creator, key: TestRoom.creator.rawValue, ["membership": "join"])
        #expect(throws: AuthRuleViolation(.room, "The room !room:alpha.test has no create event.")) {
            try event.authorized(against: [StateKey: SignedEvent]())
        }
        let other = try TestRoom(version: .v12)
        #expect(throws: AuthRuleViolation(.room, "The event belongs to another room than \(other.roomID).")) {
            try event.authorized(against: other.state)
        }
    }

    @Test("a create event that names another version is brought to the wrong rules", arguments: RoomVersion.allCases)
    func createVersion(version: RoomVersion) throws {
        for other in RoomVersion.allCases {
            let room = try TestRoom(version: version, createContent: ["room_version": .string(other.rawValue)])
            let refused: Bool
            do {
                _ = try room.create.authorized(against: [StateKey: SignedEvent]())
                refused = false
            } catch {
                refused = error.rule == .create
            }
            #expect(refused == (version != other))
        }
    }

    @Test("a create event of version 12 with a room id is refused")
    func createWithRoom() throws {
        let json = try TestRoom(version: .v12).create.json.merging(["room_id": "!room:alpha.test"])
        let create = try SignedEvent(parsing: json, version: .v12)
        #expect(throws: AuthRuleViolation(.create, "A create event of room version 12 may not name a room.")) {
            try create.authorized(against: [StateKey: SignedEvent]())
        }
    }

    @Test("the servers that must sign: the sender's and the voucher's, but not for a third-party invite's answer")
    func requiredSigners() throws {
        let beta = try #require(ServerName("beta.test"))
        let room = try TestRoom(version: .v11)
        func signers(_ content: JSONObject) throws -> [ServerName] {
            try room.event(.member, from: Self.alice, key: Self.alice.rawValue, content).requiredSigners
        }
        #expect(try signers(["membership": "join"]) == [TestRoom.server])
        let voucher: JSONObject = ["membership": "join", "join_authorised_via_users_server": "@x:beta.test"]
        #expect(try signers(voucher) == [TestRoom.server, beta])
        #expect(try signers(["membership": "join", "join_authorised_via_users_server": "@x:alpha.test"]) == [TestRoom.server])
        #expect(try signers(["membership": "invite", "third_party_invite": [:]]) == [])
    }

    @Test("an answer with thousands of signatures is given up soon")
    func verificationFlood() throws {
        var room = try TestRoom(version: .v11)
        try room.join(TestRoom.creator)
        let key = JSON.object(["public_key": .string(TestRoom.key.publicKeyBase64)])
        try room.send(
            .thirdPartyInvite, from: TestRoom.creator, key: "t", ["public_keys": .array(Array(repeating: key, count: 400))])
        let wrong = JSON.string(Base64.encode([UInt8](repeating: 1, count: 64)))
        let keys = JSONObject((0..<400).map { ("ed25519:\($0)", wrong) })
        var signed: JSONObject = ["mxid": .string(Self.bob.rawValue), "token": "t"]
        signed["signatures"] = ["a": .object(keys)]
        let content: JSONObject = ["membership": "invite", "third_party_invite": ["signed": .object(signed)]]
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try room.refusal(.member, from: TestRoom.creator, key: Self.bob.rawValue, content)?.rule == .thirdPartyInvite)
        // All 160,000 would take more than ten seconds.
        #expect(clock.now - start < .seconds(5))
    }
}

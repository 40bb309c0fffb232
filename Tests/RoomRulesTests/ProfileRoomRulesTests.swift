import MatrixModel
import Testing

@testable import RoomRules

@Suite("Profile rooms")
struct ProfileRoomRulesTests {
    static let owner = TestRoom.user("alice")
    static let hearth = TestRoom.user("_hearth")
    let alias: RoomAlias

    init() throws { alias = try #require(RoomAlias("#@alice:alpha.test")) }

    private func initial() -> [ProfileRoomRules.InitialEvent] {
        ProfileRoomRules.initialState(owner: Self.owner, hearth: Self.hearth, roomAlias: alias)
    }

    /// A profile room as Hearth makes it; every event passed the auth rules.
    private func makeRoom() throws -> TestRoom {
        var events = initial()
        let create = events.removeFirst()
        var room = try TestRoom(version: ProfileRoomRules.version, createContent: create.content, creator: create.sender)
        _ = try room.create.authorized(against: [StateKey: SignedEvent]())
        for event in events { try room.send(event.type, from: event.sender, key: event.stateKey, event.content) }
        return room
    }

    @Test("the first events are these, in this order")
    func initialEvents() {
        #expect(
            initial().map { "\($0.sender.localpart) \($0.type) \($0.stateKey)" } == [
                "_hearth m.room.create ", "_hearth m.room.member @_hearth:alpha.test", "_hearth m.room.power_levels ",
                "_hearth m.room.join_rules ", "_hearth m.room.history_visibility ", "_hearth m.room.canonical_alias ",
                "_hearth m.room.member @alice:alpha.test", "alice m.room.member @alice:alpha.test",
            ])
        let contents = initial().map(\.content)
        #expect(contents[0] == ["type": "m.profile", "room_version": "12", "io.hearth.owner": "@alice:alpha.test"])
        #expect(contents[2]["users"] == ["@alice:alpha.test": 50])
        #expect(contents[2]["users_default"] == 0 && contents[2]["events_default"] == 50 && contents[2]["state_default"] == 50)
        for key in ["invite", "kick", "ban", "redact"] { #expect(contents[2][key] == 100) }
        #expect(
            contents[3...5] == [
                ["join_rule": "invite"], ["history_visibility": "world_readable"], ["alias": "#@alice:alpha.test"],
            ])
        #expect(contents[6...] == [["membership": "invite"], ["membership": "join"]])
    }

    @Test(
        "the auth rules allow the owner profile, status and custom state",
        arguments: [.profile, .status, "io.example", .message] as [EventType])
    func ownerMay(type: EventType) throws {
        #expect(try makeRoom().refusal(type, from: Self.owner, key: "", ["text": "hi"]) == nil)
    }

    @Test(
        "the auth rules keep the owner from presence and the room's rules",
        arguments: ProfileRoomRules.reservedTypes.filter { $0 != .create })
    func ownerMayNot(type: EventType) throws {
        let room = try makeRoom()
        for user in [Self.owner, TestRoom.user("bob")] {
            #expect(try room.refusal(type, from: user, key: "", ["a": 1]) != nil)
        }
        guard type != .member else { return }
        #expect(try room.refusal(type, from: Self.hearth, key: "", ["a": 1]) == nil)
    }

    @Test("a second create event is not even well-formed: it would name its room")
    func secondCreate() throws {
        let room = try makeRoom()
        #expect(throws: EventFormatError.unexpected(field: "room_id")) {
            try room.event(.create, from: Self.hearth, key: "", [:])
        }
    }

    @Test("the owner can neither invite nor take power")
    func noWayUp() throws {
        let room = try makeRoom()
        let bob = TestRoom.user("bob")
        #expect(try room.refusal(.member, from: Self.owner, key: bob.rawValue, ["membership": "invite"])?.rule == .invite)
        #expect(try room.refusal(.member, from: bob, key: bob.rawValue, ["membership": "join"])?.rule == .join)
        #expect(try room.refusal(.member, from: Self.owner, key: Self.hearth.rawValue, ["membership": "ban"])?.rule == .ban)
    }

    @Test("every m.room state type of the spec is reserved, and each once")
    func reservedTypes() {
        let types = ProfileRoomRules.reservedTypes
        #expect(Set(types).count == types.count)
        #expect(types.count == 19)
        #expect(types.filter { !$0.rawValue.hasPrefix("m.room.") } == [.presence])
        #expect(!types.contains(.profile) && !types.contains(.status))
    }

    @Test("the owner's leave and any redaction are refused, what Hearth does to the membership is not")
    func refusals() {
        func refusal(_ type: EventType, _ key: String?, _ sender: UserID, _ content: JSONObject) -> ProfileRoomRules.Refusal? {
            ProfileRoomRules.refusal(of: type, stateKey: key, sender: sender, content: content, owner: Self.owner)
        }
        for membership in ["leave", "knock", "ban", "invite", "nonsense"] {
            #expect(refusal(.member, Self.owner.rawValue, Self.owner, ["membership": .string(membership)]) == .ownerLeaves)
        }
        #expect(refusal(.member, Self.owner.rawValue, Self.owner, [:]) == .ownerLeaves)
        #expect(refusal(.member, Self.owner.rawValue, Self.owner, ["membership": "join", "displayname": "A"]) == nil)
        #expect(refusal(.member, Self.owner.rawValue, Self.hearth, ["membership": "invite"]) == nil)
        #expect(refusal(.redaction, nil, Self.owner, [:]) == .redaction)
        #expect(refusal(.status, "", Self.owner, ["text": "x"]) == nil)
    }

    @Test(
        "the lane is m.presence and m.status with an empty state key, nothing else",
        arguments: [
            (.presence, "", true), (.status, "", true), (.status, "x", false), (.status, nil, false), (.presence, nil, false),
            (.profile, "", false), (.powerLevels, "", false),
        ] as [(EventType, String?, Bool)])
    func lane(type: EventType, key: String?, isLane: Bool) {
        #expect(ProfileRoomRules.isLane(type, stateKey: key) == isLane)
    }
}

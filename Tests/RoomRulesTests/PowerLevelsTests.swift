import MatrixModel
import Testing

@testable import RoomRules

@Suite("Power levels")
struct PowerLevelsTests {
    static let alice = TestRoom.user("alice")

    private func levels(_ content: JSONObject?, version: RoomVersion, create: JSONObject = [:]) throws -> PowerLevels {
        let room = try TestRoom(version: version, createContent: create)
        let event = try content.map { try room.event(.powerLevels, from: TestRoom.creator, key: "", $0) }
        return PowerLevels(create: room.create, powerLevels: event)
    }

    @Test("without power levels the spec's values hold, and the creator has 100 or more", arguments: RoomVersion.allCases)
    func missing(version: RoomVersion) throws {
        let levels = try levels(nil, version: version)
        #expect(levels.level(of: TestRoom.creator) == (version == .v12 ? .creator : .level(100)))
        #expect(levels.level(of: Self.alice) == .level(0))
        #expect(levels.required(for: .message, isState: false) == .level(0))
        #expect(levels.required(for: .topic, isState: true) == .level(50))
        #expect([levels.ban, levels.kick, levels.invite, levels.redact] == [.level(50), .level(50), .level(0), .level(50)])
    }

    @Test("empty power levels leave the creator of version 11 with nothing", arguments: RoomVersion.allCases)
    func empty(version: RoomVersion) throws {
        let levels = try levels([:], version: version)
        #expect(levels.level(of: TestRoom.creator) == (version == .v12 ? .creator : .level(0)))
        #expect(levels.required(for: .topic, isState: true) == .level(50))
    }

    @Test("every value that is given holds")
    func given() throws {
        let levels = try levels(
            [
                "users": ["@alice:alpha.test": 7], "users_default": 1, "events": ["m.room.topic": 3], "events_default": 4,
                "state_default": 5, "ban": 11, "kick": 12, "invite": 13, "redact": 14,
            ], version: .v11)
        #expect(levels.level(of: Self.alice) == .level(7))
        #expect(levels.level(of: TestRoom.user("bob")) == .level(1))
        #expect(levels.required(for: .topic, isState: true) == .level(3))
        #expect(levels.required(for: .topic, isState: false) == .level(3))
        #expect(levels.required(for: .name, isState: true) == .level(5))
        #expect(levels.required(for: .name, isState: false) == .level(4))
        #expect([levels.ban, levels.kick, levels.invite, levels.redact] == [.level(11), .level(12), .level(13), .level(14)])
    }

    @Test("whatever is no integer counts as missing", arguments: ["50", true, .null, .double(3.5), [:], [3]] as [JSON])
    func malformed(value: JSON) throws {
        // Read from the store, where an event may stand that came before its rule: no parser refuses it here.
        let room = try TestRoom(version: .v11)
        let content: JSONObject = [
            "users": ["@alice:alpha.test": value], "users_default": value, "events": ["m.room.topic": value], "ban": value,
            "state_default": value,
        ]
        let whole = try room.event(.powerLevels, from: TestRoom.creator, key: "", [:])
        let event = try SignedEvent(stored: whole.json.merging(["content": .object(content)]), id: whole.id, version: .v11)
        let levels = PowerLevels(create: room.create, powerLevels: event)
        #expect(levels.level(of: Self.alice) == .level(0))
        #expect(levels.required(for: .topic, isState: true) == .level(50))
        #expect(levels.ban == .level(50))
    }

    @Test("additional creators stand above all levels from version 12 on", arguments: RoomVersion.allCases)
    func additionalCreators(version: RoomVersion) throws {
        let content: JSONObject = ["additional_creators": ["@alice:alpha.test"]]
        let levels = try levels(["users_default": 9], version: version, create: content)
        #expect(levels.level(of: Self.alice) == (version == .v12 ? .creator : .level(9)))
        #expect(levels.isCreator(Self.alice) == (version == .v12))
        #expect(PowerLevel.level(.max) < .creator && !(PowerLevel.creator < .creator))
    }

    @Test("a state without a create event has no levels")
    func noCreate() {
        #expect(PowerLevels(state: [StateKey: SignedEvent]()) == nil)
    }
}

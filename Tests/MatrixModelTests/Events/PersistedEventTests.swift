import Testing

@testable import MatrixModel

@Suite("Committed events as clients read them")
struct PersistedEventTests {
    @Test("a message has neither state key nor unsigned, and its room only where the endpoint asks for it")
    func message() throws {
        let event = try Self.event()
        #expect(
            try Self.written(event, withRoomID: true)
                == [
                    "room_id": "!r:a", "content": ["body": "hi \"you\""], "event_id": "$e", "origin_server_ts": 5,
                    "sender": "@alice:a", "type": "m.room.message",
                ])
        #expect(
            try Self.written(event, withRoomID: false)
                == [
                    "content": ["body": "hi \"you\""], "event_id": "$e", "origin_server_ts": 5, "sender": "@alice:a",
                    "type": "m.room.message",
                ])
        #expect(event.stateIdentity == nil)
    }

    @Test("state carries its key, an empty one too")
    func state() throws {
        let event = try Self.event(type: .status, stateKey: "", content: [:])
        #expect(
            try Self.written(event, withRoomID: false)
                == [
                    "content": [:], "event_id": "$e", "origin_server_ts": 5, "sender": "@alice:a", "state_key": "",
                    "type": "m.status",
                ])
        #expect(event.stateIdentity == .status)
    }

    @Test("a redaction names what it redacts")
    func redaction() throws {
        let event = try Self.event(type: .redaction, content: [:], redacts: EventID("$other"))
        #expect(try Self.written(event, withRoomID: false)["redacts"] == "$other")
    }

    @Test(
        "only the device that sent the event reads its transaction id, and everybody the rest of unsigned",
        arguments: [
            ("@alice:a", "PHONE", [:], ["transaction_id": "t\"1"]),
            ("@alice:a", "PHONE", ["prev_content": ["x": 1]], ["prev_content": ["x": 1], "transaction_id": "t\"1"]),
            ("@alice:a", "LAPTOP", [:], nil),
            ("@alice:a", "LAPTOP", ["prev_content": ["x": 1]], ["prev_content": ["x": 1]]),
            ("@bob:a", "PHONE", ["prev_content": ["x": 1]], ["prev_content": ["x": 1]]),
            (nil, nil, ["prev_content": ["x": 1]], ["prev_content": ["x": 1]]),
            (nil, nil, [:], nil),
        ] as [(String?, String?, JSONObject, JSONObject?)])
    func transaction(user: String?, device: String?, unsigned: JSONObject, seen: JSONObject?) throws {
        let event = try Self.event(
            transaction: EventTransaction(device: Self.device("@alice:a", "PHONE"), id: "t\"1"), unsigned: unsigned)
        let reader = try user.flatMap { user in try device.map { try Self.device(user, $0) } }
        for withRoomID in [true, false] {
            #expect(try Self.written(event, for: reader, withRoomID: withRoomID)["unsigned"] == seen.map(JSON.object))
        }
    }

    @Test("an event is appended to what is there already")
    func appends() throws {
        var output = Array("[".utf8)
        let event = try Self.event()
        event.write(to: &output, for: nil, withRoomID: true)
        output.append(UInt8(ascii: ","))
        event.write(to: &output, for: nil, withRoomID: false)
        output.append(UInt8(ascii: "]"))
        #expect(try JSON(parsing: output).arrayValue?.count == 2)
    }

    @Test(
        "only a membership event has a membership, and only one that the spec knows",
        arguments: [
            (.member, "join", .join), (.member, "leave", .leave), (.member, "invite", .invite), (.member, "ban", .ban),
            (.member, "knock", .knock),
            (.member, "gone", nil), (.member, 1, nil), (.message, "join", nil),
        ] as [(EventType, JSON, Membership?)])
    func membership(type: EventType, value: JSON, membership: Membership?) throws {
        #expect(try Self.event(type: type, content: ["membership": value]).membership == membership)
    }

    private static func device(_ user: String, _ device: String) throws -> DeviceKey {
        DeviceKey(user: try #require(UserID(user)), device: try #require(DeviceID(device)))
    }

    private static func event(
        type: EventType = .message, stateKey: String? = nil, content: JSONObject = ["body": "hi \"you\""],
        redacts: EventID? = nil,
        transaction: EventTransaction? = nil, unsigned: JSONObject = [:]
    ) throws -> PersistedEvent {
        PersistedEvent(
            position: StreamPosition(1), roomID: try #require(RoomID("!r:a")), eventID: try #require(EventID("$e")), type: type,
            stateKey: stateKey, sender: try #require(UserID("@alice:a")), originServerTS: MatrixTimestamp(milliseconds: 5),
            isLane: false,
            transaction: transaction, content: content, redacts: redacts, unsigned: unsigned)
    }

    private static func written(_ event: PersistedEvent, for reader: DeviceKey? = nil, withRoomID: Bool) throws -> JSONObject {
        var output: [UInt8] = []
        event.write(to: &output, for: reader, withRoomID: withRoomID)
        return try #require(try JSON(parsing: output).objectValue)
    }
}

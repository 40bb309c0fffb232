import MatrixModel
import PresenceCore
import SubscriptionCore
import Testing

@testable import ClientAPI
@testable import HearthServices

struct SyncResponseWriterTests {
    private let room: RoomID
    private let alice: DeviceKey
    private let history = StreamHistory(
        chapters: [], isWhole: true, present: StreamHistory.Chapter(epoch: .unnamed, beginsAfter: .zero))

    init() throws {
        room = try #require(RoomID("!r:hearth.test"))
        alice = DeviceKey(user: try #require(UserID("@alice:hearth.test")), device: try #require(DeviceID("D")))
    }

    private func event(
        _ position: Int64, _ type: EventType, stateKey: String? = nil, content: JSONObject = [:], unsigned: JSONObject = [:]
    ) throws -> PersistedEvent {
        PersistedEvent(
            position: StreamPosition(position), roomID: room, eventID: try #require(EventID("$e\(position)")), type: type,
            stateKey: stateKey, sender: alice.user, originServerTS: MatrixTimestamp(milliseconds: 1000 + position), isLane: false,
            transaction: EventTransaction(device: alice, id: "t\(position)"), content: content, redacts: nil, unsigned: unsigned)
    }

    private func json(_ response: SyncResponse, reader: DeviceKey? = nil) throws -> JSONObject {
        let bytes = SyncResponseWriter(response: response, reader: reader ?? alice, history: history).bytes()
        return try #require(try JSON(parsing: bytes, options: .clientRequest).objectValue)
    }

    @Test("an answer with nothing new holds the token and no sections")
    func nothingNew() throws {
        let expected: JSONObject = [
            "next_batch": "s7", "device_one_time_keys_count": ["signed_curve25519": 0], "device_unused_fallback_key_types": [],
            "device_lists": ["changed": [], "left": []], "rooms": [:],
        ]
        #expect(try json(SyncResponse(nextBatch: SyncToken(StreamPosition(7)))) == expected)
    }

    @Test("what a device needs for encryption stands beside the rooms")
    func encryption() throws {
        var response = SyncResponse(
            nextBatch: SyncToken(StreamPosition(7), ephemeral: EphemeralPosition(2)),
            keyCounts: KeyCounts(oneTimeKeys: ["signed_curve25519": 3, "a": 1], unusedFallbackTypes: ["signed_curve25519"]))
        response.changedDeviceLists = [alice.user]
        response.toDevice = [ToDeviceMessage(sender: alice.user, type: "m.dummy", content: ["n": 1])]
        let expected: JSONObject = [
            "next_batch": "s7_2", "device_one_time_keys_count": ["signed_curve25519": 3, "a": 1],
            "device_unused_fallback_key_types": ["signed_curve25519"],
            "device_lists": ["changed": ["@alice:hearth.test"], "left": []], "rooms": [:],
            "to_device": ["events": [["type": "m.dummy", "sender": "@alice:hearth.test", "content": ["n": 1]]]],
        ]
        #expect(try json(response) == expected)
    }

    @Test("of an answer that would be too long only the beginning is written, and nothing comes of it")
    func tooLong() throws {
        var room = SyncRoom(room: room, prevBatch: SyncToken(.zero))
        room.timeline = try (1...500).map { try event($0, "m.x", content: ["n": .string(String(repeating: "x", count: 100))]) }
        var response = SyncResponse(nextBatch: SyncToken(StreamPosition(7)))
        response.joined = [room]
        let writer = SyncResponseWriter(response: response, reader: alice, history: history)
        let bytes = writer.bytes()
        #expect(writer.bytes(atMost: bytes.count) == bytes)
        #expect(writer.bytes(atMost: bytes.count - 1) == nil)
        #expect(writer.bytes(atMost: 1_000) == nil)
        var stream = JSONStream(atMost: 1_000)
        stream.object { $0.member("events", events: room.timeline, for: alice, withRoomID: false) }
        #expect(stream.isTooLong && stream.bytes.count < 2_000)
    }

    @Test("typing and receipts are a room's ephemeral events")
    func ephemeral() throws {
        var joined = SyncRoom(room: room, prevBatch: SyncToken(.zero))
        joined.typing = [alice.user]
        let event = try #require(EventID("$e1"))
        joined.receipts = [
            Receipt(user: alice.user, kind: .read, event: event, time: MatrixTimestamp(milliseconds: 5), thread: "main"),
            Receipt(user: alice.user, kind: .readPrivate, event: event, time: MatrixTimestamp(milliseconds: 6), thread: nil),
        ]
        var response = SyncResponse(nextBatch: SyncToken(.zero))
        response.joined = [joined]
        let expected: JSON = [
            "events": [
                ["type": "m.typing", "content": ["user_ids": ["@alice:hearth.test"]]],
                [
                    "type": "m.receipt",
                    "content": [
                        "$e1": [
                            "m.read": ["@alice:hearth.test": ["ts": 5, "thread_id": "main"]],
                            "m.read.private": ["@alice:hearth.test": ["ts": 6]],
                        ]
                    ],
                ],
            ]
        ]
        let rooms = try json(response)["rooms"]?.objectValue?["join"]?.objectValue
        #expect(rooms?[room.rawValue]?.objectValue?["ephemeral"] == expected)
    }

    @Test("a joined room has every section, and events carry no room id")
    func joined() throws {
        var joined = SyncRoom(room: room, prevBatch: SyncToken(StreamPosition(3)))
        joined.state = [try event(1, .create, stateKey: "")]
        joined.timeline = [try event(4, .message, content: ["body": "é\""], unsigned: ["prev_content": [:]])]
        joined.isLimited = true
        joined.unread = UnreadCounts(notifications: 2, highlights: 1)
        joined.summary = RoomSummary(heroes: [alice.user], joinedCount: 2, invitedCount: 1)
        joined.accountData = [AccountDataItem(type: "m.tag", content: ["n": .double(0.5)])]
        var response = SyncResponse(nextBatch: SyncToken(StreamPosition(9)))
        response.joined = [joined]
        response.accountData = [AccountDataItem(type: "x", content: [:])]
        let expected: JSONObject = [
            "state": [
                "events": [
                    [
                        "content": [:], "event_id": "$e1", "origin_server_ts": 1001, "sender": "@alice:hearth.test",
                        "state_key": "",
                        "type": "m.room.create", "unsigned": ["transaction_id": "t1"],
                    ]
                ]
            ],
            "timeline": [
                "events": [
                    [
                        "content": ["body": "é\""], "event_id": "$e4", "origin_server_ts": 1004, "sender": "@alice:hearth.test",
                        "type": "m.room.message", "unsigned": ["prev_content": [:], "transaction_id": "t4"],
                    ]
                ], "limited": true, "prev_batch": "s3",
            ],
            "account_data": ["events": [["type": "m.tag", "content": ["n": .double(0.5)]]]], "ephemeral": ["events": []],
            "unread_notifications": ["notification_count": 2, "highlight_count": 1],
            "summary": ["m.heroes": ["@alice:hearth.test"], "m.joined_member_count": 2, "m.invited_member_count": 1],
        ]
        let found = try json(response)
        #expect(found["rooms"] == ["join": ["!r:hearth.test": .object(expected)]])
        #expect(found["account_data"] == ["events": [["type": "x", "content": [:]]]])
    }

    @Test("only the device that sent an event is told its transaction")
    func transactions() throws {
        var room = SyncRoom(room: room, prevBatch: SyncToken(.zero))
        room.timeline = [try event(1, .message)]
        var response = SyncResponse(nextBatch: SyncToken(.zero))
        response.joined = [room]
        let other = DeviceKey(user: alice.user, device: try #require(DeviceID("E")))
        let writer = SyncResponseWriter(response: response, reader: other, history: history)
        let text = String(decoding: writer.bytes(), as: UTF8.self)
        #expect(!text.contains("transaction_id"))
    }

    @Test("peeked and left rooms have the shape of joined ones, invitations show stripped state")
    func otherSections() throws {
        var response = SyncResponse(nextBatch: SyncToken(.zero))
        response.peeked = [SyncRoom(room: room, prevBatch: SyncToken(.zero))]
        response.left = [SyncRoom(room: room, prevBatch: SyncToken(.zero))]
        response.invited = [
            InvitedRoom(
                room: room,
                state: [StrippedEvent(key: StateKey(.name), sender: alice.user, content: ["name": "N"])])
        ]
        let plain: JSON = [
            "state": ["events": []], "timeline": ["events": [], "limited": false, "prev_batch": "s0"],
            "account_data": ["events": []],
            "ephemeral": ["events": []],
        ]
        let stripped: JSON = [
            "content": ["name": "N"], "sender": "@alice:hearth.test", "state_key": "", "type": "m.room.name",
        ]
        #expect(
            try json(response)["rooms"] == [
                "peek": ["!r:hearth.test": plain], "leave": ["!r:hearth.test": plain],
                "invite": ["!r:hearth.test": ["invite_state": ["events": [stripped]]]],
            ])
    }

    @Test(
        "legacy presence goes out as clients know it, and its status as MSC4532 writes it too",
        arguments: [
            ("online", ["presence": "online", "currently_active": true, "last_active_ago": 0, "status_msg": "hi"]),
            (
                "busy",
                [
                    "presence": "org.matrix.msc3026.busy", "currently_active": false, "last_active_ago": 4000, "status_msg": "hi",
                ]
            ),
            ("offline", ["presence": "offline", "currently_active": false, "last_active_ago": 4000, "status_msg": "hi"]),
        ] as [(String, JSONObject)])
    func presence(value: String, expected: JSONObject) throws {
        var engine = SubscriptionEngine()
        engine.restoreProfileRoom(room, owner: alice.user)
        engine.restoreLane(
            try event(1, .presence, stateKey: "", content: ["presence": .string(value), "last_active_ts": 1000]),
            owner: alice.user)
        engine.restoreLane(try event(2, .status, stateKey: "", content: ["text": "hi"]), owner: alice.user)
        let lane = try #require(engine.lane(of: alice.user))
        var response = SyncResponse(nextBatch: SyncToken(.zero))
        response.presence = [LegacyPresence(user: alice.user, lane: lane, now: MatrixTimestamp(milliseconds: 5000))]
        let shown = expected.merging(["org.continuwuity.presence_v2.msc4532.status": ["msg": "hi"]])
        #expect(
            try json(response)["presence"] == [
                "events": [["type": "m.presence", "sender": "@alice:hearth.test", "content": .object(shown)]]
            ])
    }

    @Test("what is new of profiles: values, null for a field that is no more, and null for a user with whom no room is shared")
    func profiles() throws {
        var response = SyncResponse(nextBatch: SyncToken(.zero))
        let gone = try #require(UserID("@bob:hearth.test"))
        response.profiles = [
            ProfileUpdate(user: alice.user, fields: [("m.call", nil), ("m.tz", "UTC")]), ProfileUpdate(user: gone, fields: nil),
        ]
        #expect(
            try json(response)["org.matrix.msc4429.users"] == [
                "@alice:hearth.test": ["profile_updates": ["m.call": .null, "m.tz": "UTC"]],
                "@bob:hearth.test": ["profile_updates": .null],
            ])
        #expect(try json(SyncResponse(nextBatch: SyncToken(.zero)))["org.matrix.msc4429.users"] == nil)
    }
}

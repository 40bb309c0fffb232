import HearthStore
import MatrixModel
import RoomRules
import Testing

@Suite("Events and state in the store")
struct EventRoundTripTests {
    @Test("an event comes back as it went in: by id, by position, as state, and signed in the form other servers get")
    func eventComesBack() async throws {
        try await withStore { store in
            let (sent, sender) = try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                let event = try room.send(
                    "m.room.topic", key: "", ["topic": "tea \u{1F375} & \"toast\"", "n": 9_007_199_254_740_991], at: 1002,
                    transaction: EventTransaction(device: TestNames.device("PHONE"), id: "t1"), in: transaction)
                return (event, TestNames.device("PHONE"))
            }
            try store.readNow { transaction in
                for stored in [
                    try transaction.events.event(sent.eventID, in: TestNames.room),
                    try transaction.events.event(at: sent.position),
                    try transaction.state.event(StateKey(.topic), in: TestNames.room),
                ] {
                    let stored = try #require(stored)
                    #expect(bytes(of: stored, for: sender) == bytes(of: sent, for: sender))
                    #expect(stored.transaction == sent.transaction && stored.position == sent.position && !stored.isLane)
                }
                let signed = try #require(try transaction.events.signed(at: sent.position))
                #expect(signed.content == sent.content && signed.hasValidContentHash())
                #expect(try transaction.events.signedState(StateKey(.topic), in: TestNames.room)?.id == sent.eventID)
                #expect(try transaction.events.signed(in: TestNames.room).map(\.type) == [.create, .member, .topic])
                #expect(try transaction.events.event(TestNames.event("$nothing"), in: TestNames.room) == nil)
                #expect(try transaction.events.event(sent.eventID, in: TestNames.otherRoom) == nil)
            }
        }
    }

    private func bytes(of event: PersistedEvent, for reader: DeviceKey) -> [UInt8] {
        var output: [UInt8] = []
        event.write(to: &output, for: reader, withRoomID: true)
        return output
    }

    @Test(
        "state keys are told apart by their bytes, not by what Unicode calls equal",
        arguments: [
            ("caf\u{E9}", "cafe\u{301}"), ("\u{212B}", "\u{C5}"), ("a", "A"), ("", " "), ("a/b", "a%2Fb"), ("x\u{1}", "x"),
        ])
    func stateKeysAreBytes(one: String, other: String) async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                try room.send("test.state", key: one, ["of": "one"], at: 1002, in: transaction)
                try room.send("test.state", key: other, ["of": "other"], at: 1003, in: transaction)
            }
            try store.readNow { transaction in
                let first = try #require(try transaction.state.event(StateKey("test.state", one), in: TestNames.room))
                let second = try #require(try transaction.state.event(StateKey("test.state", other), in: TestNames.room))
                #expect(first.content == ["of": "one"] && second.content == ["of": "other"])
                #expect(first.stateKey.map { Array($0.utf8) } == Array(one.utf8))
                #expect(second.stateKey.map { Array($0.utf8) } == Array(other.utf8))
                #expect(try transaction.state.events(ofType: "test.state", in: TestNames.room).count == 2)
                #expect(try transaction.events.history(of: StateKey("test.state", other), in: TestNames.room).count == 1)
            }
        }
    }

    @Test("the present state holds the newest event of each key, in stream order, and the past state that of its time")
    func stateFollowsTheStream() async throws {
        try await withStore { store in
            let middle = try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                try room.send(.name, key: "", ["name": "one"], at: 1002, in: transaction)
                let middle = try room.send(.topic, key: "", ["topic": "t"], at: 1003, in: transaction)
                try room.send(.message, ["body": "hi"], at: 1004, in: transaction)
                try room.send(.name, key: "", ["name": "two"], at: 1005, in: transaction)
                return middle.position
            }
            try store.readNow { transaction in
                let now = try transaction.state.events(in: TestNames.room)
                #expect(now.map(\.type) == [.create, .member, .topic, .name])
                #expect(now.last?.content == ["name": "two"])
                let then = try transaction.events.state(of: TestNames.room, at: middle)
                #expect(then.map(\.type) == [.create, .member, .name, .topic])
                #expect(then[2].content == ["name": "one"])
                let changes = try transaction.events.stateChanges(in: TestNames.room, after: middle, upTo: StreamPosition(99))
                #expect(changes.map(\.content) == [["name": "two"]])
            }
        }
    }

    @Test("pages of a room's history keep the stream's order from both ends and leave the lane out")
    func pages() async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(owner: TestNames.bob, in: transaction)
                for number: Int64 in 1...6 {
                    try room.send(.message, ["n": .integer(number)], at: 2000 + number, in: transaction)
                    try room.send(
                        .presence, key: "", ["n": .integer(number)], isLane: true, at: 3000 + number, in: transaction)
                }
            }
            try store.readNow { transaction in
                let (start, end) = (StreamPosition(2), StreamPosition(99))
                func numbers(_ events: [PersistedEvent]) -> [Int64?] { events.map { $0.content["n"]?.integerValue } }
                #expect(numbers(try transaction.events.newest(3, in: TestNames.room, after: start, upTo: end)) == [4, 5, 6])
                #expect(numbers(try transaction.events.oldest(3, in: TestNames.room, after: start, upTo: end)) == [1, 2, 3])
                let few = try transaction.events.newest(9, in: TestNames.room, after: StreamPosition(3), upTo: StreamPosition(7))
                #expect(numbers(few) == [2, 3])
                #expect(try transaction.events.oldest(9, in: TestNames.room, after: end, upTo: end).isEmpty)
            }
        }
    }

    @Test("a redacted event keeps id and position, and its content is gone from the files' rows")
    func replaced() async throws {
        try await withStore { store in
            let event = try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                let event = try room.send(.message, ["body": "regretted"], at: 1002, in: transaction)
                let signed = try #require(try transaction.events.signed(at: event.position))
                try transaction.events.replace(
                    at: event.position, by: signed.redacted(), unsigned: ["redacted_because": ["why": "asked"]])
                return event
            }
            let stored = try #require(try store.readNow { try $0.events.event(event.eventID, in: TestNames.room) })
            #expect(stored.content == [:] && stored.position == event.position)
            #expect(String(decoding: stored.unsignedBytes, as: UTF8.self).contains("redacted_because"))
        }
    }

    @Test("a room's record comes back with both ends of its graph")
    func roomRecord() async throws {
        try await withStore { store in
            let record = try await store.write { transaction in
                var room = try StoredRoom(owner: TestNames.bob, in: transaction)
                try room.send(.status, key: "", ["text": "tea"], isLane: true, at: 1999, in: transaction)
                try room.send(.presence, key: "", ["presence": "online"], isLane: true, at: 2000, in: transaction)
                let plain = try StoredRoom(TestNames.otherRoom, after: room.position, at: 1500, in: transaction)
                #expect(try transaction.rooms.room(TestNames.otherRoom)?.tips == plain.record.tips)
                return room.record
            }
            try store.readNow { transaction in
                let stored = try #require(try transaction.rooms.room(TestNames.room))
                #expect(stored.tips == record.tips && stored.tips.lane != nil)
                #expect(stored.version == .v11 && stored.profileOwner == TestNames.bob)
                #expect(stored.lastOriginServerTS == TestNames.time(2000))
                #expect(try transaction.rooms.profileRoom(of: TestNames.bob) == TestNames.room)
                #expect(try transaction.rooms.profileRoom(of: TestNames.alice) == nil)
                #expect(try transaction.rooms.profileRooms().map(\.roomID) == [TestNames.room])
                #expect(try transaction.rooms.all() == [TestNames.room, TestNames.otherRoom])
                #expect(try transaction.rooms.room(TestNames.unknownRoom) == nil)
                #expect(try transaction.state.laneEvents().map(\.content) == [["text": "tea"], ["presence": "online"]])
            }
        }
    }
}

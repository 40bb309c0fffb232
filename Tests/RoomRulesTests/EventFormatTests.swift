import MatrixModel
import Testing

@testable import RoomRules

@Suite("Event format and size")
struct EventFormatTests {
    let room: TestRoom

    init() throws { room = try TestRoom(version: .v11) }

    private func draft(
        type: EventType = "test", key: String? = nil, _ content: JSONObject = [:], room: RoomID? = nil, depth: Int64 = 2,
        time: Int64 = 1, prev: Int = 1, auth: Int = 1
    ) -> DraftEvent {
        DraftEvent(
            roomID: room ?? self.room.roomID, type: type, stateKey: key, sender: TestRoom.creator, content: content,
            originServerTS: MatrixTimestamp(milliseconds: time), depth: depth,
            prevEvents: Array(repeating: self.room.create.id, count: prev),
            authEvents: Array(repeating: self.room.create.id, count: auth))
    }

    private func error(of draft: DraftEvent, version: RoomVersion = .v11) -> EventFormatError? {
        do throws(EventFormatError) {
            _ = try draft.signed(by: TestRoom.key, version: version)
            return nil
        } catch {
            return error
        }
    }

    private func error(parsing json: JSONObject, version: RoomVersion = .v11) -> EventFormatError? {
        do throws(EventFormatError) {
            _ = try SignedEvent(parsing: json, version: version)
            return nil
        } catch {
            return error
        }
    }

    // MARK: - The whole

    private func sized(_ filler: Int) -> DraftEvent { draft(["body": .string(String(repeating: "x", count: filler))]) }

    @Test("an event of 65,536 bytes is made and read, one byte more is neither")
    func wholeSize() throws {
        let overhead = try sized(0).signed(by: TestRoom.key, version: .v11).json.bytes.count
        let largest = try sized(65_536 - overhead).signed(by: TestRoom.key, version: .v11)
        #expect(largest.json.bytes.count == 65_536)
        #expect(error(parsing: largest.json) == nil)

        let tooLarge = EventFormatError.tooLarge(field: "event", bytes: 65_537, limit: 65_536)
        #expect(error(of: sized(65_537 - overhead)) == tooLarge)
        #expect(error(parsing: largest.json.merging(["x": 12])) == .tooLarge(field: "event", bytes: 65_543, limit: 65_536))
        #expect("\(tooLarge)" == "The event takes 65537 bytes, but 65536 is the limit.")
    }

    @Test("unsigned is dropped before anything is measured")
    func unsigned() throws {
        let event = try draft().signed(by: TestRoom.key, version: .v11)
        let filler = JSON.string(String(repeating: "x", count: 70_000))
        let read = try SignedEvent(parsing: event.json.merging(["unsigned": ["age": 1, "x": filler]]), version: .v11)
        #expect(read.json == event.json)
        #expect(read.id == event.id)
    }

    // MARK: - Fields

    @Test("type and state key take 255 bytes, counted in UTF-8", arguments: [("x", 255), ("é", 127)])
    func fieldSizes(letter: String, count: Int) {
        let (fits, tooLong) = (String(repeating: letter, count: count), String(repeating: letter, count: count + 1))
        let bytes = tooLong.utf8.count
        #expect(error(of: draft(type: EventType(fits), key: fits)) == nil)
        #expect(error(of: draft(type: EventType(tooLong))) == .tooLarge(field: "type", bytes: bytes, limit: 255))
        #expect(error(of: draft(key: tooLong)) == .tooLarge(field: "state_key", bytes: bytes, limit: 255))
    }

    @Test("a field of 255 bytes is read, one of 256 is not", arguments: ["sender", "room_id", "state_key", "type", "event_id"])
    func receivedFieldSizes(field: String) throws {
        let event = try draft(key: "").signed(by: TestRoom.key, version: .v11)
        let (start, end) = field == "sender" ? ("@", ":alpha.test") : field == "room_id" ? ("!", ":alpha.test") : ("$", "")
        func value(_ bytes: Int) -> JSON {
            .string(start + String(repeating: "x", count: bytes - start.utf8.count - end.utf8.count) + end)
        }
        #expect(error(parsing: event.json.merging([field: value(255)])) == nil)
        let tooLarge = EventFormatError.tooLarge(field: field, bytes: 256, limit: 255)
        #expect(error(parsing: event.json.merging([field: value(256)])) == tooLarge)
    }

    @Test("20 previous and 10 auth events fit, one more does not")
    func edges() throws {
        let full = draft(prev: 20, auth: 10)
        #expect(error(parsing: try full.signed(by: TestRoom.key, version: .v11).json) == nil)
        #expect(error(of: draft(prev: 21)) == .tooMany(field: "prev_events", count: 21, limit: 20))
        #expect(error(of: draft(auth: 11)) == .tooMany(field: "auth_events", count: 11, limit: 10))
        let ids = JSON.array(Array(repeating: .string(room.create.id.rawValue), count: 21))
        let json = try draft().signed(by: TestRoom.key, version: .v11).json
        #expect(error(parsing: json.merging(["prev_events": ids])) == .tooMany(field: "prev_events", count: 21, limit: 20))
        #expect(error(parsing: json.merging(["auth_events": ids])) == .tooMany(field: "auth_events", count: 21, limit: 10))
    }

    @Test(
        "depth and time stay within 0 and 2^53 - 1",
        arguments: [
            (0, true), (JSON.largestInteger, true), (-1, false), (JSON.largestInteger + 1, false), (.max, false), (.min, false),
        ])
    func numbers(value: Int64, fits: Bool) {
        #expect(error(of: draft(depth: value)) == (fits ? nil : .outOfRange(field: "depth")))
        #expect(error(of: draft(time: value)) == (fits ? nil : .outOfRange(field: "origin_server_ts")))
    }

    @Test("numbers that canonical JSON does not have are refused, however deep they stand")
    func numbersInContent() throws {
        let broken: [JSON] = [.double(1.5), .integer(JSON.largestInteger + 1), .integer(-JSON.largestInteger - 1)]
        for number in broken {
            #expect(error(of: draft(["a": [["b": number]]])) == .notCanonicalJSON)
            let json = try draft().signed(by: TestRoom.key, version: .v11).json
            #expect(error(parsing: json.merging(["content": ["a": number]])) == .notCanonicalJSON)
        }
        #expect(error(of: draft(["a": [.integer(JSON.largestInteger), .integer(-JSON.largestInteger)]])) == nil)
    }

    static let required = [
        "auth_events", "content", "depth", "hashes", "origin_server_ts", "prev_events", "room_id", "sender", "signatures", "type",
    ]

    @Test("every field but the state key must be there, with its type", arguments: required)
    func missingFields(field: String) throws {
        var json = try draft().signed(by: TestRoom.key, version: .v11).json
        json[field] = .null
        guard case .wrongType(field, _) = try #require(error(parsing: json)) else {
            Issue.record("\(field) may not be null")
            return
        }
        json[field] = nil
        #expect(error(parsing: json) == .missing(field: field))
    }

    @Test(
        "values of the wrong kind are refused",
        arguments: [
            ("state_key", 5, .wrongType(field: "state_key", expected: "a string")),
            ("sender", "alice", .malformedIdentifier(field: "sender")),
            ("room_id", "room", .malformedIdentifier(field: "room_id")),
            ("depth", -1, .outOfRange(field: "depth")),
            ("depth", "1", .wrongType(field: "depth", expected: "an integer")),
            ("prev_events", ["x"], .malformedIdentifier(field: "prev_events")),
            ("auth_events", [["$a", [:]]], .wrongType(field: "auth_events", expected: "an array of event ids")),
            ("hashes", [:], .wrongType(field: "hashes", expected: "an object with a string \"sha256\"")),
            ("signatures", ["a": "b"], .wrongType(field: "signatures", expected: "an object of objects of strings")),
            ("signatures", ["a": ["b": 1]], .wrongType(field: "signatures", expected: "an object of objects of strings")),
        ] as [(String, JSON, EventFormatError)])
    func wrongValues(field: String, value: JSON, expected: EventFormatError) throws {
        let json = try draft().signed(by: TestRoom.key, version: .v11).json
        #expect(error(parsing: json.merging([field: value])) == expected)
        #expect(!expected.description.isEmpty)
    }

    // MARK: - Room ids

    @Test("only a create event of version 12 goes without a room id, and it must")
    func roomIDs() throws {
        var create = draft(type: .create, key: "", prev: 0, auth: 0)
        #expect(error(of: create, version: .v12) == .unexpected(field: "room_id"))
        #expect(error(of: create, version: .v11) == nil)
        create.roomID = nil
        #expect(error(of: create, version: .v11) == .missing(field: "room_id"))
        let event = try create.signed(by: TestRoom.key, version: .v12)
        #expect(event.roomID.rawValue == "!" + event.id.rawValue.dropFirst())
        var message = draft()
        message.roomID = nil
        #expect(error(of: message, version: .v12) == .missing(field: "room_id"))
    }

    // MARK: - Stored and redacted events

    @Test("a stored event comes back as it was, with the id that was stored", arguments: RoomVersion.allCases)
    func stored(version: RoomVersion) throws {
        var room = try TestRoom(version: version)
        try room.join(TestRoom.creator)
        for event in [room.create, try room.event("test", from: TestRoom.creator, key: "k", ["a": 1])] {
            let back = try SignedEvent(stored: event.json, id: event.id, version: version)
            #expect(back.id == event.id && back.roomID == event.roomID && back.json == event.json)
            #expect(back.stateIdentity == event.stateIdentity && back.content == event.content)
        }
    }

    @Test("a changed event keeps neither its content hash nor, where redaction keeps the change, its signature")
    func tampering() throws {
        let event = try draft(["body": "hello"]).signed(by: TestRoom.key, version: .v11)
        let body = try SignedEvent(parsing: event.json.merging(["content": ["body": "bye"]]), version: .v11)
        #expect(body.id == event.id && !body.hasValidContentHash())
        #expect(body.isSigned(by: TestRoom.server, keyID: "ed25519:1", publicKey: TestRoom.key.publicKey))
        let time = try SignedEvent(parsing: event.json.merging(["origin_server_ts": 5]), version: .v11)
        #expect(time.id != event.id && !time.hasValidContentHash())
        #expect(!time.isSigned(by: TestRoom.server, keyID: "ed25519:1", publicKey: TestRoom.key.publicKey))
    }

    @Test("a redaction names its target in the content, other types name none")
    func redacts() throws {
        let target: JSONObject = ["redacts": .string(room.create.id.rawValue)]
        #expect(try draft(type: .redaction, target).signed(by: TestRoom.key, version: .v11).redacts == room.create.id)
        #expect(try draft(type: .message, target).signed(by: TestRoom.key, version: .v11).redacts == nil)
        #expect(try draft(type: .redaction, ["redacts": 5]).signed(by: TestRoom.key, version: .v11).redacts == nil)
    }
}

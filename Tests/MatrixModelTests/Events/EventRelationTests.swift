import Testing

@testable import MatrixModel

@Suite("Relations between events")
struct EventRelationTests {
    private static func event(
        _ id: String, at position: Int64 = 1, type: EventType = .message, sender: String = "@alice:a", room: String = "!r:a",
        stateKey: String? = nil, _ content: JSONObject
    ) throws -> PersistedEvent {
        PersistedEvent(
            position: StreamPosition(position), roomID: try #require(RoomID(room)), eventID: try #require(EventID(id)),
            type: type,
            stateKey: stateKey, sender: try #require(UserID(sender)), originServerTS: MatrixTimestamp(milliseconds: 5),
            isLane: false, transaction: nil, content: content, redacts: nil, unsigned: [:])
    }

    private static func edit(of id: String = "$e", new: JSON? = ["body": "new"]) -> JSONObject {
        var content: JSONObject = ["m.relates_to": ["rel_type": "m.replace", "event_id": .string(id)]]
        content["m.new_content"] = new
        return content
    }

    @Test(
        "a relation has a kind and an event; anything else is none",
        arguments: [
            ["m.relates_to": ["rel_type": "x", "event_id": "$e"]], ["m.relates_to": ["rel_type": "x", "event_id": "e"]],
            ["m.relates_to": ["rel_type": 1, "event_id": "$e"]], ["m.relates_to": ["event_id": "$e"]], ["m.relates_to": "$e"],
            [:],
            ["m.relates_to": ["m.in_reply_to": ["event_id": "$e"]]],
        ] as [JSONObject])
    func parsing(content: JSONObject) throws {
        let isRelation = content == ["m.relates_to": ["rel_type": "x", "event_id": "$e"]]
        #expect(EventRelation(of: content) == (isRelation ? EventRelation(type: "x", target: try #require(EventID("$e"))) : nil))
    }

    @Test("state relates to nothing")
    func state() throws {
        #expect(try Self.event("$s", stateKey: "", Self.edit()).relation == nil)
    }

    @Test("an edit stands for an event of the same sender, type and room, which is neither state nor an edit nor redacted")
    func validity() throws {
        let original = try Self.event("$e", ["body": "old"])
        #expect(try Self.event("$1", Self.edit()).edits(original))
        #expect(try !Self.event("$1", Self.edit(of: "$other")).edits(original))
        #expect(try !Self.event("$1", sender: "@bob:a", Self.edit()).edits(original))
        #expect(try !Self.event("$1", type: "m.sticker", Self.edit()).edits(original))
        #expect(try !Self.event("$1", room: "!other:a", Self.edit()).edits(original))
        #expect(try !Self.event("$1", Self.edit(new: nil)).edits(original))
        #expect(try !Self.event("$1", Self.edit(new: "text")).edits(original))
        #expect(try !Self.event("$1", Self.edit()).edits(Self.event("$e", stateKey: "", ["body": "old"])))
        #expect(try !Self.event("$1", Self.edit()).edits(Self.event("$e", Self.edit(of: "$before"))))
        #expect(try !Self.event("$1", Self.edit()).edits(Self.event("$e", [:])))
        let secret = try Self.event("$e", type: .encrypted, ["ciphertext": "x"])
        #expect(try Self.event("$1", type: .encrypted, Self.edit(new: nil)).edits(secret))
    }

    @Test("of several edits the newest is told, with the event and before everything else that is unsigned")
    func newest() throws {
        let original = try Self.event("$e", ["body": "old"])
        let edits = try [
            Self.event("$1", at: 2, Self.edit()), Self.event("$2", at: 3, Self.edit(new: ["body": "newest"])),
            Self.event("$3", at: 4, sender: "@bob:a", Self.edit()),
        ]
        let found = PersistedEvent.edits(of: [original], among: [original] + edits)
        #expect(found.mapValues(\.eventID) == [original.eventID: edits[1].eventID])
        var bytes: [UInt8] = []
        original.write(to: &bytes, for: nil, withRoomID: false, edit: found[original.eventID])
        let written = try JSON(parsing: bytes).objectValue
        let bundled = written?["unsigned"]?.objectValue?["m.relations"]?.objectValue?["m.replace"]?.objectValue
        #expect(bundled?["event_id"] == "$2" && bundled?["room_id"] == "!r:a")
    }
}

import MatrixModel
import SubscriptionCore
import Testing

@Suite("The form of events")
struct EventFormTests {
    private static let event: JSONObject = [
        "content": ["body": "hi", "m.relates_to": ["event_id": "$1", "rel_type": "m.thread"], "a": ["b": ["c": 1, "d": 2]]],
        "event_id": "$2", "sender": "@a:s", "type": "m.room.message", "unsigned": ["age": 1],
    ]

    @Test(
        "fields are picked by their paths, whole or in parts; what is not there is left out",
        arguments: [
            (["type"], ["type": "m.room.message"]), (["content.body"], ["content": ["body": "hi"]]),
            (["content.body", "sender"], ["content": ["body": "hi"], "sender": "@a:s"]),
            ([#"content.m\.relates_to.rel_type"#], ["content": ["m.relates_to": ["rel_type": "m.thread"]]]),
            (["content.m.relates_to"], [:]), (["content.body.more"], [:]), (["nothing", "content.nothing"], [:]), ([""], [:]),
            (["content.a.b.c", "content.a.b"], ["content": ["a": ["b": ["c": 1, "d": 2]]]]),
            (["content.a.b", "content.a.b.c"], ["content": ["a": ["b": ["c": 1, "d": 2]]]]),
            (["content.a.b.c", "content.a.b.d"], ["content": ["a": ["b": ["c": 1, "d": 2]]]]),
            ([String(repeating: "content.", count: 50_000)], [:]),
        ] as [([String], JSONObject)])
    func fields(paths: [String], expected: JSONObject) throws {
        let filter = try SyncFilter(parsing: ["event_fields": .array(paths.map { .string($0) })])
        let fields = try #require(filter.form.fields)
        #expect(fields.of(Self.event) == expected)
        #expect(!filter.form.isPlain)
    }

    @Test("no fields, no format and the client's format leave events as they are")
    func plain() throws {
        for json in [[:], ["event_fields": []], ["event_fields": .null, "event_format": .null], ["event_format": "client"]]
            as [JSONObject]
        {
            #expect(try SyncFilter(parsing: json).form.isPlain)
        }
        #expect(try SyncFilter(parsing: ["event_format": "federation"]).form.isFederation)
    }

    @Test("another word for the format, and fields that are no list of strings, are refused, unless the filter was stored before")
    func refused() throws {
        for json in [
            ["event_format": "raw"], ["event_format": ""], ["event_format": 5], ["event_format": "Client"],
            ["event_fields": "type"], ["event_fields": [5]], ["event_fields": .object([:])],
            ["event_fields": .array(Array(repeating: "type", count: 101))],
        ] as [JSONObject] {
            #expect(throws: FilterError.self) { try SyncFilter(parsing: json) }
            let stored = try SyncFilter(parsing: json, isStored: true)
            #expect(stored.form.isPlain || stored.form.fields != nil)
        }
        #expect(try SyncFilter(parsing: ["event_format": "raw"], isStored: true).form.isPlain)
    }
}

import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("Sync filters as clients send them")
struct SyncFilterTests {
    private static let eventFilters: [(path: [String], part: @Sendable (SyncFilter) -> EventFilter)] = [
        (["presence"], { $0.presence }), (["account_data"], { $0.accountData }), (["room", "timeline"], { $0.timeline }),
        (["room", "state"], { $0.state }), (["room", "account_data"], { $0.roomAccountData }),
        (["room", "ephemeral"], { $0.ephemeral }),
    ]

    /// A filter in which one member stands at a path.
    private static func json(_ path: [String], _ value: JSON) -> JSONObject {
        var value = value
        for key in path.reversed() { value = .object([key: value]) }
        return value.objectValue ?? [:]
    }

    @Test("an empty filter lets everything through")
    func empty() throws {
        for json in [[:], ["room": [:]], ["room": ["timeline": [:]]]] as [JSONObject] {
            let filter = try SyncFilter(parsing: json)
            #expect(Self.eventFilters.allSatisfy { $0.part(filter).isOpen && $0.part(filter).limit == nil })
            #expect(filter.includes(Names.den) && !filter.includesLeft)
            #expect(filter.timeline.includes(makeEvent(.message, at: StreamPosition(1))))
        }
    }

    @Test("the fields of profiles that are asked for, each once and in any order, tell one choice from another")
    func profileFields() throws {
        func fields(_ ids: JSON) throws -> ProfileFields {
            try SyncFilter(parsing: [ProfileFields.filterKey: ["ids": ids]]).profileFields
        }
        #expect(try SyncFilter(parsing: [:]).profileFields.isEmpty)
        #expect(try SyncFilter(parsing: [ProfileFields.filterKey: [:]]).profileFields.isEmpty)
        #expect(try fields([]).isEmpty && fields([]).digest == 0)
        let asked = try fields(["org.matrix.msc4426.status", "m.call", "m.status", "m.tz", "m.call"])
        #expect(asked.audience == [.status: ["m.status", "org.matrix.msc4426.status"], .call: ["m.call"]])
        #expect(asked.others == ["m.tz"])
        #expect(try asked == fields(["m.tz", "m.status", "m.call", "org.matrix.msc4426.status"]))
        #expect(try asked.digest != fields(["m.tz", "m.status", "m.call"]).digest)
        #expect(try fields(["ab", "c"]).digest != fields(["a", "bc"]).digest)
        let tooMany = JSON.array((0...100).map { .string("x\($0)") })
        for wrong in ["m.status", ["m.status", 1], 7, [:], tooMany] as [JSON] {
            #expect(throws: FilterError.self) { try fields(wrong) }
        }
        #expect(throws: FilterError.self) { try SyncFilter(parsing: [ProfileFields.filterKey: ["m.status"]]) }
        #expect(
            try SyncFilter(parsing: [ProfileFields.filterKey: ["ids": tooMany]], isStored: true).profileFields.others.count == 101
        )
    }

    @Test("every part of a filter has every member", arguments: eventFilters.indices)
    func members(index: Int) throws {
        let (path, part) = Self.eventFilters[index]
        let filter = try SyncFilter(
            parsing: Self.json(
                path,
                [
                    "limit": 7, "types": ["a", "b.*"], "not_types": ["c"], "senders": ["@alice:alpha.test"],
                    "not_senders": ["@bob:alpha.test"], "rooms": ["!den:alpha.test"], "not_rooms": ["!hall:alpha.test"],
                    "contains_url": true, "lazy_load_members": true, "include_redundant_members": true, "unknown": [1],
                ]))
        let read = part(filter)
        #expect(read.limit == 7)
        #expect(read.types == ["a", "b.*"])
        #expect(read.notTypes == ["c"])
        #expect(read.senders == [Names.alice])
        #expect(read.notSenders == [Names.bob])
        #expect(read.rooms == [Names.den])
        #expect(read.notRooms == [Names.hall])
        #expect(read.containsURL == true)
        #expect(read.lazyLoadsMembers)
        #expect(!read.isOpen)
        // The others are left as they were.
        #expect(Self.eventFilters.count { !$0.part(filter).isOpen } == 1)
    }

    @Test("rooms are chosen before their events")
    func rooms() throws {
        let filter = try SyncFilter(
            parsing: [
                "room": [
                    "rooms": ["!den:alpha.test", "!hall:alpha.test", "no room"], "not_rooms": ["!hall:alpha.test", "no room"],
                    "include_leave": true,
                ], "event_fields": ["content.body"], "event_format": "federation",
            ])
        #expect(filter.rooms == [Names.den, Names.hall])
        #expect(filter.notRooms == [Names.hall])
        #expect(filter.includesLeft)
        #expect(filter.includes(Names.den))
        #expect(!filter.includes(Names.hall))
        #expect(!filter.includes(Names.room("third")))
    }

    @Test("names that are none choose nothing")
    func onlyInvalidNames() throws {
        let filter = try SyncFilter(parsing: ["room": ["rooms": ["x"], "timeline": ["senders": ["y"], "rooms": ["z"]]]])
        #expect(!filter.includes(Names.den))
        #expect(!filter.timeline.includes(type: .message, sender: Names.alice))
        #expect(!filter.timeline.includes(Names.den))
    }

    @Test("members of the wrong shape are refused by name", arguments: eventFilters.indices)
    func wrongShapes(index: Int) {
        let path = Self.eventFilters[index].path
        let name = path.joined(separator: ".")
        let list = "a list of strings"
        let wrong: [(String?, [JSON], String)] = [
            (nil, [1, "x", [], true, .null], "an object"),
            ("limit", [-1, "5", true, .double(1.5), [], .integer(.min)], "a number, 0 or more"),
            ("types", ["a", 1, [:], [1], ["a", .null]], list), ("not_types", ["a", [[]]], list),
            ("senders", ["@a:b", [true]], list), ("not_senders", [[:], [2]], list), ("rooms", ["!a:b", [[:]]], list),
            ("not_rooms", [0, ["!a:b", 1]], list), ("contains_url", ["true", 1, []], "true or false"),
            ("lazy_load_members", ["false", 0, [:]], "true or false"),
        ]
        for (member, values, expected) in wrong {
            for value in values {
                let error = #expect(throws: FilterError.self) {
                    try SyncFilter(parsing: Self.json(path + (member.map { [$0] } ?? []), value))
                }
                let place = member.map { "\(name).\($0)" } ?? name
                #expect(error?.description == "\"\(place)\" of a filter is \(expected).")
            }
        }
    }

    @Test(
        "the room part is checked as well",
        arguments: [
            ("room", 1, "\"room\" of a filter is an object."), ("room", [], "\"room\" of a filter is an object."),
            ("rooms", "!a:b", "\"room.rooms\" of a filter is a list of strings."),
            ("not_rooms", [1], "\"room.not_rooms\" of a filter is a list of strings."),
            ("include_leave", 1, "\"room.include_leave\" of a filter is true or false."),
        ] as [(String, JSON, String)])
    func wrongRoom(member: String, value: JSON, text: String) {
        let json: JSONObject = member == "room" ? ["room": value] : ["room": .object([member: value])]
        let error = #expect(throws: FilterError.self) { try SyncFilter(parsing: json) }
        #expect(error?.description == text)
    }

    @Test("null stands for a missing member", arguments: eventFilters.indices)
    func null(index: Int) throws {
        let (path, part) = Self.eventFilters[index]
        for member in [
            "limit", "types", "not_types", "senders", "not_senders", "rooms", "not_rooms", "contains_url", "lazy_load_members",
        ] {
            let read = part(try SyncFilter(parsing: Self.json(path + [member], .null)))
            #expect(read.isOpen && read.limit == nil && !read.lazyLoadsMembers)
        }
    }

    @Test("limits of any size are kept", arguments: [0, 1, 1_000, .max] as [Int64])
    func limits(limit: Int64) throws {
        let filter = try SyncFilter(parsing: ["room": ["timeline": ["limit": .integer(limit)]]])
        #expect(filter.timeline.limit == Int(limit))
    }

    @Test("a list of a request has at most 100 entries, one that is stored may have more", arguments: eventFilters.indices)
    func longLists(index: Int) throws {
        let (path, _) = Self.eventFilters[index]
        func list(_ count: Int) -> JSON { .array((0..<count).map { .string("x\($0)*") }) }
        for member in ["types", "not_types", "senders", "not_senders", "rooms", "not_rooms"] {
            _ = try SyncFilter(parsing: Self.json(path + [member], list(100)))
            let long = Self.json(path + [member], list(101))
            let error = #expect(throws: FilterError.self) { try SyncFilter(parsing: long) }
            let name = (path + [member]).joined(separator: ".")
            #expect(error?.description == "\"\(name)\" of a filter is a list of at most 100 strings.")
            _ = try SyncFilter(parsing: long, isStored: true)
        }
        for member in ["rooms", "not_rooms"] {
            #expect(throws: FilterError.self) { try SyncFilter(parsing: ["room": .object([member: list(101)])]) }
            _ = try SyncFilter(parsing: ["room": .object([member: list(101)])], isStored: true)
        }
    }

    @Test("of more patterns than 100 that are stored, none are asked for, and the first are left out")
    func storedPatterns() throws {
        func filter(_ member: String, _ count: Int) throws -> EventFilter {
            let patterns = JSON.array((0..<count).map { .string("x\($0).*") } + ["m.plain"])
            return try EventFilter(.object([member: patterns]), at: "timeline", isStored: true)
        }
        #expect(try !filter("types", 100).includes(type: "m.other", sender: nil))
        #expect(try filter("types", 100).includes(type: "m.plain", sender: nil))
        #expect(try filter("types", 101).includes(type: "m.other", sender: nil))
        #expect(try !filter("not_types", 3_500).includes(type: "x99.a", sender: nil))
        #expect(try filter("not_types", 3_500).includes(type: "x100.a", sender: nil))
        #expect(try !filter("not_types", 3_500).includes(type: "m.plain", sender: nil))
    }
}

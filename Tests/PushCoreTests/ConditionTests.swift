import MatrixModel
import Testing

@testable import PushCore

@Suite("Conditions of push rules")
struct ConditionTests {
    private func holds(_ condition: JSONObject, _ event: PushEvent, in room: PushRoom = makeRoom()) -> Bool {
        var steps = PushSteps()
        return PushCondition(parsing: condition).holds(for: event, in: room, member: alice, within: &steps)
    }

    @Test(
        "event_match takes the whole value, whatever its case",
        arguments: [
            ("lunc?*", "Lunch plans", true), ("lunc?*", "LUNCH", true), ("lunc?*", " lunch", false), ("lunc?*", "lunc", false),
            ("lunch", "Lunch", true), ("lunch", "lunches", false), ("*", "", true), ("?", "é", true), ("??", "é", false),
            ("", "", true), ("", "x", false), ("a*b*c", "aXbXbc", true), ("a*b*c", "aXcXb", false),
            ("*.example", "x.EXAMPLE", true),
            ("ÉCOLE", "école", true), ("école", "E\u{301}cole", true), ("e\u{301}col?", "ÉCOLE", true),
            ("straße", "STRASSE", true),
            ("strasse", "Straße", true), ("istanbul", "İstanbul", true), ("[ab]", "a", false), ("[ab]", "[AB]", true),
        ])
    func wholeValues(pattern: String, topic: String, expected: Bool) {
        let condition: JSONObject = ["kind": "event_match", "key": "content.topic", "pattern": .string(pattern)]
        #expect(holds(condition, makeEvent(.topic, key: "", ["topic": .string(topic)])) == expected)
    }

    @Test(
        "event_match on content.body takes a part between word boundaries",
        arguments: [
            ("ex*ple", "An example event.", true), ("ex*ple", "exple", true), ("ex*ple", "An exciting triple-whammy", true),
            ("ex*ple", "An examples event.", false), ("ex*ple", "An inexample", false),
            ("cake", "The Cake is a lie", true), ("cake", "cakes", false), ("cake", "cake_", false), ("cake", "pan-cake!", true),
            ("cake", "écake", true), ("cake", "cake2", false), ("cake*lie", "cake is a lie", true), ("@room", "hi @room!", true),
            ("@room", "x@room", false), ("two words", "Two Words.", true), ("two words", "two  words", false), ("*", "", true),
            ("?oo", "a foo b", true), ("é", "a e\u{301} b", true), ("e\u{301}", "É!", true), ("e", "e\u{301}", false),
            ("GRÜN?", "gru\u{308}ne", true), ("?oo", "a xfoo b", false), ("", "x", false), ("c", "a b c", true), ("a", "a", true),
        ])
    func words(pattern: String, body: String, expected: Bool) {
        let condition: JSONObject = ["kind": "event_match", "key": "content.body", "pattern": .string(pattern)]
        #expect(holds(condition, makeEvent(["body": .string(body)])) == expected)
    }

    @Test("event_match takes strings alone, and nothing that is not there")
    func strings() {
        for content in [[:], ["topic": .null], ["topic": 5], ["topic": ["a": "b"]]] as [JSONObject] {
            #expect(!holds(["kind": "event_match", "key": "content.topic", "pattern": "*"], makeEvent(.topic, key: "", content)))
        }
        #expect(!holds(["kind": "event_match", "key": "state_key", "pattern": "*"], makeEvent()))
        #expect(holds(["kind": "event_match", "key": "room_id", "pattern": "!den:*"], makeEvent()))
    }

    @Test(
        "event_property_is compares values without casting",
        arguments: [(true, true), ("true", false), (1, false), (.null, false), ([true], false)] as [(JSON, Bool)])
    func propertyIs(value: JSON, expected: Bool) {
        let condition: JSONObject = ["kind": "event_property_is", "key": "content.m\\.federate", "value": true]
        #expect(holds(condition, makeEvent(.create, key: "", ["m.federate": value])) == expected)
    }

    @Test("event_property_is finds null where it stands, and no property that is missing")
    func null() {
        let condition: JSONObject = ["kind": "event_property_is", "key": "content.a", "value": .null]
        #expect(holds(condition, makeEvent(["a": .null])))
        #expect(!holds(condition, makeEvent()))
        #expect(!holds(["kind": "event_property_is", "key": "content.a", "value": []], makeEvent(["a": []])))
        #expect(!holds(["kind": "event_property_is", "key": "content.a"], makeEvent(["a": .null])))
    }

    @Test("event_property_contains looks into lists for whole values")
    func contains() {
        let event = makeEvent(.canonicalAlias, key: "", ["alt_aliases": ["#somewhere:localhost", "#myroom:example.com", 5]])
        func contains(_ value: JSON) -> Bool {
            holds(["kind": "event_property_contains", "key": "content.alt_aliases", "value": value], event)
        }
        #expect(contains("#myroom:example.com"))
        #expect(contains(5))
        #expect(!contains(":example.com"))
        #expect(!contains("5"))
        #expect(!holds(["kind": "event_property_contains", "key": "type", "value": "m.room.canonical_alias"], event))
    }

    @Test(
        "room_member_count compares",
        arguments: [
            ("2", 2, true), ("2", 3, false), ("==2", 2, true), ("<3", 2, true), ("<3", 3, false), (">2", 3, true),
            (">2", 2, false),
            ("<=10", 10, true), ("<=10", 11, false), (">=10", 10, true), (">=10", 9, false), ("", 0, false), ("<", 0, false),
            ("=2", 2, false), ("2x", 2, false), ("-1", -1, false), (" 2", 2, false), ("99999999999999999999", 2, false),
        ])
    func memberCount(text: String, count: Int, expected: Bool) {
        #expect(holds(["kind": "room_member_count", "is": .string(text)], makeEvent(), in: makeRoom(members: count)) == expected)
    }

    @Test(
        "sender_notification_permission asks for 50 unless the room says otherwise",
        arguments: [
            (50, [:], true), (49, [:], false), (0, ["room": 0], true), (99, ["room": 100], false), (.max, ["room": 100], true),
            (50, ["room": "0"], true), (0, ["room": "0"], false), (50, ["other": 100], true),
        ] as [(Int64, JSONObject, Bool)])
    func permission(level: Int64, notifications: JSONObject, expected: Bool) {
        let room = makeRoom(senderLevel: level, notifications: notifications)
        #expect(holds(["kind": "sender_notification_permission", "key": "room"], makeEvent(), in: room) == expected)
    }

    @Test(
        "a name is found whatever its case and however its accents are encoded, by the condition and among a room's members",
        arguments: [
            ("Zoë", "hi zoe\u{308}!", true), ("Zoe\u{308}", "hi ZOË", true), ("Strauß", "STRAUSS, are you there?", true),
            ("İpek", "ipek?", true), ("ipek", "İPEK", true), ("Ángel", "a\u{301}ngel", true),
            ("한국", "hi \u{1112}\u{1161}\u{11AB}국", true),
            ("Zoe", "hi zoë", false), ("Strauß", "STRAUS", false),
        ])
    func namesInAnyForm(name: String, body: String, isFound: Bool) {
        let event = makeEvent(["body": .string(body)])
        var steps = PushSteps()
        let condition = PushCondition(parsing: ["kind": "contains_display_name"])
        let member = PushMember(user: Names.alice, displayName: name)
        #expect(condition.holds(for: event, in: makeRoom(), member: member, within: &steps) == isFound)
        var roster = PushRoster()
        roster.set(Names.alice, displayName: name)
        let notices = roster.notices(of: event, in: makeRoom(), rules: [:])
        #expect((notices.deviations[Names.alice] != nil) == isFound)
    }

    @Test("contains_display_name finds the name between word boundaries")
    func displayName() {
        let condition: JSONObject = ["kind": "contains_display_name"]
        #expect(holds(condition, makeEvent(["body": "hello alice liddell!"])))
        #expect(!holds(condition, makeEvent(["body": "hello alice"])))
        #expect(!holds(condition, makeEvent(["body": "malice liddell"])))
        let nameless = PushMember(user: Names.alice, displayName: "")
        var steps = PushSteps()
        #expect(
            !PushCondition(parsing: condition).holds(
                for: makeEvent(["body": ""]), in: makeRoom(), member: nameless, within: &steps))
        // Of a name as long as can be, the beginning is what mentions somebody.
        let long = PushMember(user: Names.alice, displayName: "Al " + String(repeating: "x", count: 50_000))
        let body = "hello Al " + String(repeating: "x", count: 252)
        for (body, expected) in [(body, true), (body + "x", false), ("hello Al", false)] {
            let event = makeEvent(["body": .string(body)])
            #expect(
                PushCondition(parsing: condition).holds(for: event, in: makeRoom(), member: long, within: &steps) == expected)
        }
    }

    @Test("what is not known matches nothing, and is kept as it was written")
    func unknown() {
        for json in [["kind": "org.example.new", "x": 1], ["kind": "event_match"], ["x": 1], [:]] as [JSONObject] {
            #expect(!holds(json, makeEvent(["body": "x"])))
            #expect(PushCondition(parsing: json).json(for: Names.alice) == json)
        }
    }

    @Test("paths may hold dots and backslashes")
    func paths() {
        let content: JSONObject = ["m.foo": ["b\\ar": "x"], "a\\b": "y"]
        #expect(holds(["kind": "event_match", "key": #"content.m\.foo.b\\ar"#, "pattern": "x"], makeEvent(content)))
        #expect(holds(["kind": "event_match", "key": #"content.a\b"#, "pattern": "y"], makeEvent(content)))
        #expect(!holds(["kind": "event_match", "key": "content.m.foo.bar", "pattern": "x"], makeEvent(content)))
    }

    @Test("the machine of a pattern agrees with a naive search")
    func naive() {
        var random = SeededGenerator(seed: 7)
        func text(of letters: String, _ longest: Int) -> String {
            String((0..<Int.random(in: 0...longest, using: &random)).map { _ in letters.randomElement(using: &random)! })
        }
        for _ in 0..<20_000 {
            let (pattern, body) = (text(of: "ab*? ", 6), text(of: "aab -é", 9))
            var steps = PushSteps()
            let (isWhole, isWords) = (naiveWhole(Array(pattern), Array(body)), naiveWords(pattern, body))
            #expect(Glob(pattern).matchesWhole(of: body, within: &steps) == isWhole, "\(pattern) \(body)")
            #expect(Glob(pattern).matchesWords(in: FoldedText(body), within: &steps) == isWords, "\(pattern) in \(body)")
        }
    }

    @Test("words are looked for in the first 16,384 characters of a text, with wildcards and without")
    func longTexts() {
        let filler = String(repeating: "é", count: FoldedText.longest - 5)
        for pattern in ["cake", "c?ke"] {
            let condition: JSONObject = ["kind": "event_match", "key": "content.body", "pattern": .string(pattern)]
            #expect(holds(condition, makeEvent(["body": .string("\(filler) cake and more")])))
            #expect(!holds(condition, makeEvent(["body": .string("\(filler)  cake")])))
        }
    }

    private func naiveWhole(_ pattern: [Character], _ text: [Character]) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = Array(pattern.dropFirst())
        if first == "*" { return (0...text.count).contains { naiveWhole(rest, Array(text[$0...])) } }
        guard let letter = text.first, first == "?" || first == letter else { return false }
        return naiveWhole(rest, Array(text.dropFirst()))
    }

    private func naiveWords(_ pattern: String, _ text: String) -> Bool {
        // A pattern without letters and wildcards is nowhere.
        if pattern.isEmpty { return false }
        let text = Array(text)
        func isBoundary(_ index: Int) -> Bool { !("ab".contains(text[index])) }
        for start in 0...text.count where start == 0 || isBoundary(start - 1) {
            for end in start...text.count where end == text.count || isBoundary(end) {
                if naiveWhole(Array(pattern), Array(text[start..<end])) { return true }
            }
        }
        return false
    }
}

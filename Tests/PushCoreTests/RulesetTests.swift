import MatrixModel
import Testing

@testable import PushCore

@Suite("A user's push rules")
struct RulesetTests {
    private func ids(_ rules: PushRuleset, _ kind: PushRuleKind) -> [String] { rules[kind].filter { !$0.isDefault }.map(\.id) }

    @Test("the default rules are the spec's, in its order")
    func standard() {
        let rules = PushRuleset.standard
        let prefix = ".m.rule."
        #expect(
            rules[.override].map { $0.id.dropFirst(prefix.count) } == [
                "master", "suppress_notices", "invite_for_me", "member_event", "is_user_mention", "contains_display_name",
                "is_room_mention", "roomnotif", "tombstone", "reaction", "room.server_acl", "suppress_edits",
            ])
        #expect(rules[.content].map(\.id) == [prefix + "contains_user_name"])
        #expect(
            rules[.underride].map { $0.id.dropFirst(prefix.count) } == [
                "call", "encrypted_room_one_to_one", "room_one_to_one", "message", "encrypted",
            ])
        #expect(rules[.room].isEmpty && rules[.sender].isEmpty)
        let all = PushRuleKind.allCases.flatMap { rules[$0] }
        #expect(all.allSatisfy { $0.isDefault })
        #expect(all.filter { !$0.isEnabled }.map(\.id) == [".m.rule.master"])
    }

    @Test("clients see the owner's id and localpart in the default rules")
    func owner() throws {
        let json = PushRuleset.standard.globalJSON(for: Names.alice)
        let overrides = try #require(json["override"]?.arrayValue).compactMap(\.objectValue)
        #expect(
            overrides[4] == [
                "rule_id": ".m.rule.is_user_mention", "default": true, "enabled": true,
                "conditions": [
                    [
                        "kind": "event_property_contains", "key": "content.m\\.mentions.user_ids", "value": "@alice:alpha.test",
                    ]
                ],
                "actions": ["notify", ["set_tweak": "sound", "value": "default"], ["set_tweak": "highlight"]],
            ])
        #expect(
            overrides[2]["conditions"]?.arrayValue?.last == [
                "kind": "event_match", "key": "state_key", "pattern": "@alice:alpha.test",
            ])
        #expect(json["content"]?.arrayValue?.first?.objectValue?["pattern"] == "alice")
    }

    @Test("what is stored comes back, but the default rules' conditions are the server's")
    func roundTrip() throws {
        var rules = PushRuleset.standard
        try rules.set("beer", of: .content, to: ["pattern": "beer*", "actions": ["notify"]], at: .unsaid)
        try rules.set("big", of: .override, to: ["conditions": [["kind": "x.y", "z": 1]], "actions": []], at: .unsaid)
        try rules.set("!den", of: .room, to: ["actions": []], at: .unsaid)
        try rules.setEnabled(false, "beer", of: .content)
        try rules.setEnabled(false, ".m.rule.message", of: .underride)
        try rules.setActions(in: ["actions": ["notify"]], ".m.rule.reaction", of: .override)
        let stored = rules.json(for: Names.alice)
        #expect(PushRuleset(parsing: stored) == rules)
        // The user's id has no part in what the rules are.
        #expect(PushRuleset(parsing: stored).json(for: Names.bob) == rules.json(for: Names.bob))
        #expect(PushRuleset(parsing: [:]) == .standard)
        let broken: JSONObject = [
            "global": [
                "override": [5, ["rule_id": 5], ["rule_id": ".gone", "actions": []]],
                "content": [["rule_id": "x", "actions": []]], "room": 5,
            ]
        ]
        #expect(PushRuleset(parsing: broken) == .standard)
    }

    @Test("new rules go to the front, or where they are put")
    func places() throws {
        var rules = PushRuleset.standard
        let body: JSONObject = ["actions": []]
        for id in ["a", "b", "c"] { try rules.set(id, of: .override, to: body, at: .unsaid) }
        #expect(ids(rules, .override) == ["c", "b", "a"])
        #expect(rules[.override].first?.id == ".m.rule.master")
        try rules.set("d", of: .override, to: body, at: .before("b"))
        try rules.set("e", of: .override, to: body, at: .after("a"))
        #expect(ids(rules, .override) == ["c", "d", "b", "a", "e"])
        try rules.set("e", of: .override, to: body, at: .before("c"))
        #expect(ids(rules, .override) == ["e", "c", "d", "b", "a"])
        try rules.set("b", of: .override, to: ["actions": ["notify"]], at: .unsaid)
        #expect(ids(rules, .override) == ["e", "c", "d", "b", "a"])
        #expect(rules[.override].last?.id == ".m.rule.suppress_edits")
    }

    @Test("a rule that is changed stays disabled, a new one is enabled")
    func enabled() throws {
        var rules = PushRuleset.standard
        try rules.set("a", of: .sender, to: ["actions": []], at: .unsaid)
        #expect(rules.rule("a", of: .sender)?.isEnabled == true)
        try rules.setEnabled(false, "a", of: .sender)
        try rules.set("a", of: .sender, to: ["actions": ["notify", "dont_notify"]], at: .unsaid)
        #expect(rules.rule("a", of: .sender)?.isEnabled == false)
        #expect(rules.rule("a", of: .sender)?.actions == ["notify"])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let id: String
        let kind: PushRuleKind
        let body: JSONObject
        var place = PushRuleset.Place.unsaid
        let error: PushRuleError
        var testDescription: String { "\(kind) \(id.prefix(20)): \(error)" }
    }

    static let longWithStar = String(repeating: "x", count: 64) + "*"

    static let refusals: [Refusal] = [
        Refusal(id: ".m.rule.mine", kind: .override, body: ["actions": []], error: .reservedID),
        Refusal(id: "a/b", kind: .room, body: ["actions": []], error: .invalidID),
        Refusal(id: "a\\b", kind: .room, body: ["actions": []], error: .invalidID),
        Refusal(id: "", kind: .room, body: ["actions": []], error: .invalidID),
        Refusal(id: String(repeating: "x", count: 256), kind: .room, body: ["actions": []], error: .invalidID),
        Refusal(id: "a", kind: .room, body: [:], error: .missing("actions")),
        Refusal(id: "a", kind: .room, body: ["actions": "notify"], error: .malformed("\"actions\" is a list.")),
        Refusal(id: "a", kind: .content, body: ["actions": []], error: .missing("pattern")),
        Refusal(id: "a", kind: .content, body: ["actions": [], "pattern": 5], error: .malformed("\"pattern\" is a string.")),
        Refusal(
            id: "a", kind: .override, body: ["actions": [], "conditions": [:]], error: .malformed("\"conditions\" is a list.")),
        Refusal(
            id: "a", kind: .override, body: ["actions": [], "conditions": [[:]]],
            error: .malformed("A condition is an object that has its \"kind\".")),
        Refusal(
            id: "a", kind: .content, body: ["actions": [], "pattern": .string(longWithStar)],
            error: .malformed("A pattern with wildcards has at most 63 characters beside them.")),
        Refusal(
            id: "a", kind: .content, body: ["actions": [], "pattern": .string(String(repeating: "é", count: 256))],
            error: .malformed("A pattern has at most 255 characters.")),
        Refusal(
            id: "a", kind: .underride,
            body: [
                "actions": [],
                "conditions": [
                    ["kind": "event_match", "key": "content.x", "pattern": .string(String(repeating: "x", count: 256))]
                ],
            ], error: .malformed("A pattern has at most 255 characters.")),
        Refusal(
            id: "a", kind: .override, body: ["actions": [], "conditions": .array(Array(repeating: ["kind": "x"], count: 501))],
            error: .malformed("A user's rules have at most 500 conditions and patterns together.")),
        Refusal(id: "a", kind: .room, body: ["actions": []], place: .before("b"), error: .unknownNeighbour("b")),
        Refusal(
            id: "a", kind: .override, body: ["actions": []], place: .after(".m.rule.reaction"),
            error: .unknownNeighbour(".m.rule.reaction")),
        Refusal(id: "a", kind: .room, body: ["actions": []], place: .after("a"), error: .unknownNeighbour("a")),
    ]

    @Test("what is refused changes nothing", arguments: refusals)
    func refused(refusal: Refusal) {
        var rules = PushRuleset.standard
        #expect(throws: refusal.error) {
            try rules.set(refusal.id, of: refusal.kind, to: refusal.body, at: refusal.place)
        }
        #expect(rules == .standard)
    }

    @Test("actions that nobody knows are refused", arguments: ["explode", 5, .null, [:], ["set_tweak": 5]] as [JSON])
    func unknownActions(action: JSON) {
        var rules = PushRuleset.standard
        #expect(throws: PushRuleError.self) { try rules.set("a", of: .room, to: ["actions": [action]], at: .unsaid) }
        #expect(rules == .standard)
    }

    @Test("default rules are not deleted, own ones once")
    func deletion() throws {
        var rules = PushRuleset.standard
        #expect(throws: PushRuleError.reservedID) { try rules.delete(".m.rule.message", of: .underride) }
        #expect(throws: PushRuleError.unknownRule) { try rules.delete(".m.rule.message", of: .override) }
        try rules.set("a", of: .room, to: ["actions": []], at: .unsaid)
        try rules.delete("a", of: .room)
        #expect(throws: PushRuleError.unknownRule) { try rules.delete("a", of: .room) }
        #expect(rules == .standard)
    }

    @Test("patterns with wildcards are few")
    func wildcards() throws {
        var rules = PushRuleset.standard
        for number in 0..<PushRuleset.mostWildcards {
            try rules.set("\(number)", of: .content, to: ["pattern": "a*", "actions": []], at: .unsaid)
        }
        #expect(throws: PushRuleError.self) {
            try rules.set(
                "more", of: .override,
                to: ["conditions": [["kind": "event_match", "key": "type", "pattern": "*"]], "actions": []], at: .unsaid)
        }
        try rules.set("plain", of: .content, to: ["pattern": "a", "actions": []], at: .unsaid)
        try rules.set("0", of: .content, to: ["pattern": "b*", "actions": []], at: .unsaid)
    }

    // MARK: Bounds

    private static func words(_ count: Int, _ pattern: String) -> JSON {
        .array(Array(repeating: ["kind": "event_match", "key": "content.body", "pattern": .string(pattern)], count: count))
    }

    @Test("a user has 500 conditions and patterns together; fewer may always be set, and rules without them")
    func conditions() throws {
        var rules = PushRuleset.standard
        try rules.set("a", of: .override, to: ["conditions": Self.words(498, "x"), "actions": []], at: .unsaid)
        try rules.set("b", of: .content, to: ["pattern": "x", "actions": []], at: .unsaid)
        try rules.set("c", of: .underride, to: ["conditions": Self.words(1, "x"), "actions": []], at: .unsaid)
        try rules.set("!den", of: .room, to: ["actions": []], at: .unsaid)
        let full = rules
        #expect(throws: PushRuleError.self) {
            try rules.set("d", of: .content, to: ["pattern": "y", "actions": []], at: .unsaid)
        }
        #expect(rules == full)
        try rules.set("a", of: .override, to: ["conditions": Self.words(497, "x"), "actions": []], at: .unsaid)
        try rules.set("d", of: .content, to: ["pattern": "y", "actions": []], at: .unsaid)
    }

    @Test("rules from before the bounds are kept as they are, may become fewer, and their overlong patterns match nothing")
    func storedBeyondBounds() throws {
        let long = String(repeating: "x", count: 300)
        let stored: JSONObject = [
            "global": [
                "override": [
                    ["rule_id": "a", "conditions": Self.words(600, "x"), "actions": [], "enabled": true, "default": false]
                ],
                "content": [
                    ["rule_id": "b", "pattern": .string(long), "actions": ["notify"], "enabled": true, "default": false]
                ],
            ]
        ]
        var rules = PushRuleset(parsing: stored)
        let json = rules.globalJSON(for: Names.alice)
        #expect(json["override"]?.arrayValue?.dropFirst().first?.objectValue?["conditions"]?.arrayValue?.count == 600)
        #expect(json["content"]?.arrayValue?.first?.objectValue?["pattern"]?.stringValue == long)
        let event = makeEvent(["body": .string(long)])
        #expect(
            rules.rule("b", of: .content).map { rule in
                var steps = PushSteps()
                return rule.matches(event, in: makeRoom(), member: alice, within: &steps)
            } == false)
        #expect(throws: PushRuleError.self) {
            try rules.set("a", of: .override, to: ["conditions": Self.words(601, "x"), "actions": []], at: .unsaid)
        }
        try rules.set("a", of: .override, to: ["conditions": Self.words(599, "x"), "actions": []], at: .unsaid)
        try rules.set("a", of: .override, to: ["conditions": Self.words(1, "x"), "actions": []], at: .unsaid)
    }

    @Test("beyond the steps of a message own rules do not match, and the default rules still do")
    func steps() throws {
        let body = String(repeating: "a ", count: 8_000) + "c"
        let event = makeEvent(["body": .string(body)])
        let pattern = String(repeating: "a ", count: 100) + "c"
        var rules = PushRuleset.standard
        func sound() -> String? { rules.verdict(on: event, in: makeRoom(), for: alice).sound }
        let actions: JSON = [["set_tweak": "sound", "value": "own"], "notify"]
        try rules.set("few", of: .override, to: ["conditions": Self.words(20, pattern), "actions": actions], at: .unsaid)
        #expect(sound() == "own")
        try rules.set("few", of: .override, to: ["conditions": Self.words(480, pattern), "actions": actions], at: .unsaid)
        try rules.set("next", of: .content, to: ["pattern": "c", "actions": actions], at: .unsaid)
        #expect(sound() == nil)
        #expect(rules.verdict(on: event, in: makeRoom(), for: alice).notifies, "as every message does")
        // A list with as many entries as an event can have, looked through over and over.
        let list = makeEvent(["x": .array((0..<30_000).map { .integer($0) }), "body": "c"])
        let contains: JSON = ["kind": "event_property_contains", "key": "content.x", "value": 29_999]
        let conditions = JSON.array(Array(repeating: contains, count: 400))
        try rules.set("few", of: .override, to: ["conditions": conditions, "actions": actions], at: .unsaid)
        #expect(rules.verdict(on: list, in: makeRoom(), for: alice).sound == nil)
    }
}

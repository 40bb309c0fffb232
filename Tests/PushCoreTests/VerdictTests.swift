import MatrixModel
import Testing

@testable import PushCore

@Suite("What default rules make of events")
struct VerdictTests {
    private static let plain = PushVerdict(notifies: true)
    private static let loud = PushVerdict(notifies: true, tweaks: ["sound": "default"])
    private static let mention = PushVerdict(notifies: true, tweaks: ["sound": "default", "highlight": true])
    private static let highlight = PushVerdict(notifies: true, tweaks: ["highlight": true])
    private static let silent = PushVerdict()

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let event: PushEvent
        var room = makeRoom()
        let verdict: PushVerdict
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "a message", event: makeEvent(["body": "hi"]), verdict: plain),
        Row(name: "a message between two", event: makeEvent(["body": "hi"]), room: makeRoom(members: 2), verdict: loud),
        Row(name: "an encrypted message", event: makeEvent(.encrypted), verdict: plain),
        Row(name: "an encrypted message between two", event: makeEvent(.encrypted), room: makeRoom(members: 2), verdict: loud),
        Row(name: "one's own message", event: makeEvent(["body": "alice"], sender: Names.alice), verdict: silent),
        Row(name: "a notice", event: makeEvent(["msgtype": "m.notice", "body": "alice"]), verdict: silent),
        Row(name: "an invitation", event: makeEvent(.member, key: "@alice:alpha.test", ["membership": "invite"]), verdict: loud),
        Row(
            name: "somebody else's invitation", event: makeEvent(.member, key: "@carol:alpha.test", ["membership": "invite"]),
            verdict: silent),
        Row(name: "a join", event: makeEvent(.member, key: "@bob:alpha.test", ["membership": "join"]), verdict: silent),
        Row(
            name: "a mention", event: makeEvent(["body": "x", "m.mentions": ["user_ids": ["@alice:alpha.test"]]]),
            verdict: mention),
        Row(
            name: "a mention in any event", event: makeEvent("x", ["m.mentions": ["user_ids": ["@alice:alpha.test"]]]),
            verdict: mention),
        Row(
            name: "a mention of somebody else",
            event: makeEvent(["body": "alice", "m.mentions": ["user_ids": ["@carol:alpha.test"]]]),
            verdict: plain),
        Row(name: "the localpart", event: makeEvent(["body": "ask ALICE."]), verdict: mention),
        Row(name: "the localpart beside m.mentions", event: makeEvent(["body": "ask alice", "m.mentions": [:]]), verdict: plain),
        Row(name: "the name", event: makeEvent(["body": "Alice Liddell?"]), verdict: mention),
        Row(name: "a part of a word", event: makeEvent(["body": "malice"]), verdict: plain),
        Row(
            name: "the room by who may", event: makeEvent(["body": "x", "m.mentions": ["room": true]]),
            room: makeRoom(senderLevel: 50),
            verdict: highlight),
        Row(name: "the room by who may not", event: makeEvent(["body": "x", "m.mentions": ["room": true]]), verdict: plain),
        Row(name: "@room", event: makeEvent(["body": "hi @room"]), room: makeRoom(senderLevel: 50), verdict: highlight),
        Row(
            name: "@room beside m.mentions", event: makeEvent(["body": "@room", "m.mentions": [:]]),
            room: makeRoom(senderLevel: 50), verdict: plain),
        Row(name: "@room by who may not", event: makeEvent(["body": "hi @room"]), verdict: plain),
        Row(name: "a tombstone", event: makeEvent(.tombstone, key: ""), verdict: highlight),
        Row(name: "a tombstone that is no state", event: makeEvent(.tombstone), verdict: silent),
        Row(name: "a reaction", event: makeEvent("m.reaction"), verdict: silent),
        Row(name: "a server ACL", event: makeEvent(.serverACL, key: ""), verdict: silent),
        Row(name: "an edit", event: makeEvent(["body": "x", "m.relates_to": ["rel_type": "m.replace"]]), verdict: silent),
        Row(
            name: "an edit with a mention",
            event: makeEvent(["m.relates_to": ["rel_type": "m.replace"], "m.mentions": ["user_ids": ["@alice:alpha.test"]]]),
            verdict: mention),
        Row(
            name: "a call", event: makeEvent("m.call.invite"), verdict: PushVerdict(notifies: true, tweaks: ["sound": "ring"])),
        Row(name: "a topic", event: makeEvent(.topic, key: "", ["topic": "x"]), verdict: silent),
    ]

    @Test("default rules", arguments: rows)
    func standard(row: Row) {
        #expect(PushRuleset.standard.verdict(on: row.event, in: row.room, for: alice) == row.verdict)
    }

    @Test("the roster comes to the same levels as each member's rules", arguments: rows)
    func roster(row: Row) throws {
        var roster = PushRoster()
        let names = ["alice": "Alice Liddell", "bob": "Bob", "carol": "🏃 Carol", "dave": "", "=eve": nil]
        for (name, displayName) in names { roster.set(Names.user(name), displayName: displayName) }
        var muted = PushRuleset.standard
        try muted.set(Names.den.rawValue, of: .room, to: ["actions": []], at: .unsaid)
        let rules = [Names.user("dave"): muted, Names.user("elsewhere"): muted]
        let notices = roster.notices(of: row.event, in: row.room, rules: rules)
        for (name, displayName) in names where Names.user(name) != row.event.event.sender {
            let user = Names.user(name)
            let verdict = (rules[user] ?? .standard).verdict(
                on: row.event, in: row.room, for: PushMember(user: user, displayName: displayName))
            #expect(notices.level(for: user) == verdict.level, "\(user)")
        }
        #expect(notices.deviations[row.event.event.sender] == nil)
        #expect(notices.deviations.values.allSatisfy { $0 != notices.base })
    }

    @Test("whoever left or took another name is found by it no more")
    func renamed() {
        var roster = PushRoster()
        roster.set(Names.alice, displayName: "Alice")
        roster.set(Names.carol, displayName: "Rabbit")
        func deviating(_ body: String) -> Set<UserID> {
            Set(roster.notices(of: makeEvent(["body": .string(body)]), in: makeRoom(), rules: [:]).deviations.keys)
        }
        #expect(deviating("white rabbit, alice") == [Names.alice, Names.carol])
        roster.set(Names.carol, displayName: "Hare")
        #expect(deviating("white rabbit") == [])
        #expect(deviating("march hare, carol") == [Names.carol])
        roster.remove(Names.carol)
        #expect(deviating("march hare, carol") == [])
        #expect(roster.count == 1)
    }

    @Test("the master rule silences everything, the user's own rules too")
    func master() throws {
        var rules = PushRuleset.standard
        try rules.set("all", of: .override, to: ["actions": ["notify"]], at: .unsaid)
        #expect(rules.verdict(on: makeEvent("m.reaction"), in: makeRoom(), for: alice) == Self.plain)
        try rules.setEnabled(true, ".m.rule.master", of: .override)
        #expect(rules.verdict(on: makeEvent("m.reaction"), in: makeRoom(), for: alice) == Self.silent)
    }

    @Test("kinds are asked in their order, own rules before the server's")
    func order() throws {
        var rules = PushRuleset.standard
        let event = makeEvent(["body": "cake"])
        func sound() -> String? { rules.verdict(on: event, in: makeRoom(), for: alice).sound }
        func rule(_ sound: String) -> JSONObject {
            ["actions": ["notify", ["set_tweak": "sound", "value": .string(sound)]], "pattern": "cake", "conditions": []]
        }
        #expect(sound() == nil)
        let steps: [(PushRuleKind, String)] = [
            (.underride, "own"), (.sender, Names.bob.rawValue), (.room, Names.den.rawValue), (.content, "cake"),
            (.override, "first"),
        ]
        for (kind, id) in steps {
            try rules.set(id, of: kind, to: rule(kind.rawValue), at: .unsaid)
            #expect(sound() == kind.rawValue)
        }
    }

    @Test("highlight with the value false is none, and dont_notify says nothing")
    func tweaks() {
        #expect(PushVerdict(actions: ["notify", ["set_tweak": "highlight", "value": false]]).level == .notify)
        #expect(PushVerdict(actions: [["set_tweak": "highlight"]]).level == .none)
        #expect(PushVerdict(actions: ["dont_notify"]) == Self.silent)
        #expect(PushVerdict(actions: ["coalesce"]) == Self.silent)
        #expect(PushVerdict(actions: ["notify", ["set_tweak": "light", "value": 5]]).tweaks == ["light": 5])
    }
}

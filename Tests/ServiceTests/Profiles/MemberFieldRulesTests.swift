import MatrixModel
import Testing

@testable import HearthServices

@Suite("Names in member events")
struct MemberFieldRulesTests {
    private struct Change {
        let propagation: ProfilePropagation
        let from: JSON?
        let to: JSON?

        init(_ propagation: ProfilePropagation, _ from: JSON?, _ to: JSON?) {
            (self.propagation, self.from, self.to) = (propagation, from, to)
        }
    }

    private static func name(_ name: JSON?, after changes: [Change]) -> JSON? {
        var rules = MemberFieldRules()
        for change in changes { rules.note(change.propagation, of: "displayname", from: change.from, to: change.to) }
        #expect(MemberFieldRules(rules.json) == rules, "the store gives back what it was given")
        var member: JSONObject = ["membership": "join", "avatar_url": "mxc://x/own", "org.example": 1]
        member["displayname"] = name
        let after = rules.applied(to: member)
        #expect(after["avatar_url"] == "mxc://x/own" && after["org.example"] == 1, "all else stays")
        return after["displayname"]
    }

    @Test("all replaces every name, unchanged only what the profile said before, none nothing")
    func kinds() {
        for name in ["Alice", "Nick", nil] as [JSON?] {
            #expect(Self.name(name, after: [Change(.all, "Alice", "Al")]) == "Al")
            #expect(Self.name(name, after: [Change(.none, "Alice", "Al")]) == name)
            #expect(Self.name(name, after: [Change(.unchanged, "Alice", "Al")]) == (name == "Alice" ? "Al" : name))
        }
        #expect(Self.name(nil, after: [Change(.unchanged, nil, "Al")]) == "Al")
        #expect(Self.name("Alice", after: [Change(.unchanged, "Alice", nil)]) == nil)
        #expect(Self.name("Nick", after: [Change(.all, "Alice", nil)]) == nil)
    }

    @Test("a room that an earlier change has not reached yet gets what it would have got one after the other")
    func together() {
        let twice = [Change(.unchanged, "A", "B"), Change(.unchanged, "B", "C")]
        #expect(["A", "B", "Nick"].map { Self.name($0, after: twice) } == ["C", "C", "Nick"])
        let overAll = [Change(.all, "A", "B"), Change(.unchanged, "B", "C")]
        #expect(["A", "Nick"].map { Self.name($0, after: overAll) } == ["C", "C"])
        let silent = [Change(.all, "A", "B"), Change(.none, "B", "C"), Change(.unchanged, "C", "D")]
        #expect(["A", "C"].map { Self.name($0, after: silent) } == ["B", "B"])
        let back = [Change(.unchanged, "A", "B"), Change(.none, "B", "X"), Change(.unchanged, "X", "Y")]
        #expect(["A", "B", "X"].map { Self.name($0, after: back) } == ["B", "B", "Y"])
        let anew = [Change(.unchanged, "A", "B"), Change(.all, "B", "C")]
        #expect(["A", "Nick"].map { Self.name($0, after: anew) } == ["C", "C"])
    }

    @Test("a new event says nothing of why the user once joined, nor who let the user in")
    func copying() {
        var rules = MemberFieldRules()
        rules.note(.all, of: "displayname", from: nil, to: "Al")
        let member: JSONObject = [
            "membership": "join", "reason": "hello", "join_authorised_via_users_server": "@a:x", "is_direct": true,
        ]
        #expect(rules.applied(to: member) == ["membership": "join", "displayname": "Al", "is_direct": true])
        #expect(rules.applied(to: member.merging(["displayname": "Al"])) == member.merging(["displayname": "Al"]))
    }
}

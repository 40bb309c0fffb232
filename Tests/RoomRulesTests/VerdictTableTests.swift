import MatrixModel
import Testing

@testable import RoomRules

/// Tables that are too large to hold whole events: the events are built here as the script that made the verdicts builds them.
@Suite("Verdicts of a second implementation")
struct VerdictTableTests {
    @Test("memberships: every combination gets the same verdict", arguments: RoomVersion.allCases)
    func memberships(version: RoomVersion) throws {
        let table = try MembershipTable(version: version)
        #expect(try table.differences(table.others, as: "others") == [])
        #expect(try table.differences(table.own, as: "self") == [])
    }

    @Test("power levels: random changes get the same verdict")
    func powerLevels() throws {
        let rows = try #require(VectorFile.read("power-levels").arrayValue)
        var seen = [true: 0, false: 0]
        for row in rows {
            let (version, sender) = (try row.version(), try #require(UserID(try row.string("sender"))))
            let creator = TestRoom.user("alice")
            var room = try TestRoom(
                version: version, createContent: version == .v12 ? ["additional_creators": ["@ada:alpha.test"]] : [:],
                creator: creator)
            try room.join(creator)
            try room.send(.joinRules, from: creator, key: "", ["join_rule": "public"])
            for name in ["ada", "bob", "carol"] { try room.join(TestRoom.user(name)) }
            var state = room.state
            state[.powerLevels] = try room.event(.powerLevels, from: creator, key: "", row.object("old"))
            let event = try room.event(.powerLevels, from: sender, key: "", row.object("new"))
            var allowed = true
            do { _ = try event.authorized(against: state) } catch { allowed = false }
            #expect(allowed == (try row.bool("allowed")), "\(String(decoding: row.bytes, as: UTF8.self))")
            seen[allowed, default: 0] += 1
        }
        #expect(seen.values.allSatisfy { $0 > 50 }, "the table should hold both verdicts often: \(seen)")
    }

    @Test("redaction: what stays is the same, and so are id and signature")
    func redaction() throws {
        let rows = try #require(VectorFile.read("redactions").arrayValue)
        #expect(rows.count > 30)
        for row in rows {
            let event = try SignedEvent(parsing: row.object("event"), version: row.version())
            let redacted = event.redacted()
            let name = "\(event.type) \(event.version.rawValue)"
            #expect(redacted.json == (try row.object("redacted")), "\(name)")
            #expect(.object(redacted.content) == redacted.json["content"], "\(name)")
            #expect(event.id.rawValue == (try row.string("id")), "\(name)")
            #expect(try SignedEvent(parsing: redacted.json, version: event.version).id == event.id, "\(name)")
            #expect(event.hasValidContentHash() && !redacted.hasValidContentHash(), "\(name)")
        }
    }
}

/// The table of `memberships.json`: all states and candidates of one room version.
private struct MembershipTable {
    let memberships: [String?]
    let new: [String]
    let joinRules: [String]
    let levels: [Int64]
    let sender: UserID
    let target: UserID
    private let file: JSON
    private let version: RoomVersion
    private let room: TestRoom
    private var rules: [String: SignedEvent] = [:]
    private var powers: [[Int64]: SignedEvent] = [:]
    private var members: [StateKey: [String: SignedEvent]] = [:]
    private var candidates: [StateKey: [String: SignedEvent]] = [:]

    init(version: RoomVersion) throws {
        file = try VectorFile.read("memberships")
        self.version = version
        memberships = try file.array("memberships").map(\.stringValue)
        new = try file.strings("new")
        joinRules = try file.strings("join_rules")
        levels = try file.array("levels").compactMap(\.integerValue)
        sender = TestRoom.user("sender")
        target = TestRoom.user("target")
        let creator = TestRoom.user("alice")
        var room = try TestRoom(version: version, creator: creator)
        try room.join(creator)
        self.room = room
        for rule in joinRules { rules[rule] = try room.event(.joinRules, from: creator, key: "", ["join_rule": .string(rule)]) }
        for pair in levelPairs {
            let users: JSON = .object([sender.rawValue: .integer(pair[0]), target.rawValue: .integer(pair[1])])
            powers[pair] = try room.event(
                .powerLevels, from: creator, key: "", file.object("power_levels").merging(["users": users]))
        }
        for user in [sender, target] {
            for membership in new {
                let content: JSONObject = ["membership": .string(membership)]
                members[.member(user), default: [:]][membership] = try room.event(
                    .member, from: user, key: user.rawValue, content)
                candidates[.member(user), default: [:]][membership] = try room.event(
                    .member, from: sender, key: user.rawValue, content)
            }
        }
    }

    var levelPairs: [[Int64]] { levels.flatMap { a in levels.map { [a, $0] } } }

    /// A line of the table: who gives whom which membership, in which state.
    struct Line: CustomStringConvertible {
        var sender: String?
        var target: String?
        var new: String
        var rule: String
        var levels: [Int64]
        var isOwn = false

        var description: String { "\(sender ?? "none") gives \(target ?? "none") \(new) under \(rule) with \(levels)" }
    }

    var others: [Line] {
        memberships.flatMap { sender in memberships.map { (sender, $0) } }
            .flatMap { pair in new.map { Line(sender: pair.0, target: pair.1, new: $0, rule: "", levels: []) } }
            .flatMap { line in joinRules.map { rule in with(line) { $0.rule = rule } } }
            .flatMap { line in levelPairs.map { levels in with(line) { $0.levels = levels } } }
    }

    var own: [Line] {
        memberships.flatMap { sender in new.map { Line(sender: sender, new: $0, rule: "", levels: [], isOwn: true) } }
            .flatMap { line in joinRules.map { rule in with(line) { $0.rule = rule } } }
            .flatMap { line in levels.map { level in with(line) { $0.levels = [level, 0] } } }
    }

    /// The lines whose verdict is another one than the file's.
    func differences(_ lines: [Line], as name: String) throws -> [String] {
        let verdicts = try file.string("\(version.rawValue) \(name)").utf8.map { $0 == UInt8(ascii: "1") }
        guard verdicts.count == lines.count, verdicts.contains(true), verdicts.contains(false) else {
            throw MalformedVector(what: "\(lines.count) lines, \(verdicts.count) verdicts")
        }
        return zip(lines, verdicts).filter { line, verdict in
            let state = state(sender: line.sender, target: line.target, rule: line.rule, levels: line.levels)
            return allows(line.new, of: line.isOwn ? sender : target, in: state) != verdict
        }.map { "\($0): should be \($1 ? "allowed" : "denied")" }
    }

    private func with(_ line: Line, _ change: (inout Line) -> Void) -> Line {
        var line = line
        change(&line)
        return line
    }

    private func state(sender: String?, target: String?, rule: String, levels: [Int64]) -> [StateKey: SignedEvent] {
        var state: [StateKey: SignedEvent] = [.create: room.create]
        state[.joinRules] = rules[rule]
        state[.powerLevels] = powers[levels]
        if let sender { state[.member(self.sender)] = members[.member(self.sender)]?[sender] }
        if let target { state[.member(self.target)] = members[.member(self.target)]?[target] }
        return state
    }

    private func allows(_ membership: String, of user: UserID, in state: [StateKey: SignedEvent]) -> Bool {
        guard let candidate = candidates[.member(user)]?[membership] else { return false }
        do {
            _ = try candidate.authorized(against: state)
            return true
        } catch {
            return false
        }
    }
}

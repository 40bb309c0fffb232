import PresenceCore
import Testing

@Suite("The table of effective presence")
struct EffectivePresenceTests {
    /// The choice in force; reachable; busy, call, online believed; explicitly online elsewhere; what comes out; why. `*` is either.
    static let table = """
        offline     * * * * *  offline      manual_offline
        nothing     - * * * *  offline      unreachable
        busy        - * * * *  offline      unreachable
        unavailable - * * * *  offline      unreachable
        away        - * * * *  offline      unreachable
        nothing     r b * * *  busy         busy
        busy        r * * * *  busy         busy
        unavailable r b * * *  busy         busy
        away        r b * * *  busy         busy
        nothing     r - c * *  busy         call
        unavailable r - c * *  busy         call
        away        r - c * *  busy         call
        nothing     r - - o *  online       online
        nothing     r - - - *  unavailable  reachable
        unavailable r - - * *  unavailable  manual_unavailable
        away        r - - * -  unavailable  manual_unavailable
        away        r - - o e  online       online
        away        r - - - e  unavailable  reachable
        """.split(separator: "\n").flatMap { spelledOut($0.split(separator: " ").map(String.init)) }

    /// The rows that one with wildcards stands for.
    private static func spelledOut(_ row: [String]) -> [[String]] {
        guard let place = row.firstIndex(of: "*") else { return [row] }
        return ["-", ["r", "b", "c", "o", "e"][place - 1]].flatMap { spelledOut(row[..<place] + [$0] + row[(place + 1)...]) }
    }

    @Test("the first rule that matches wins", arguments: table)
    func row(_ row: [String]) throws {
        let inputs = EffectivePresenceRules.Inputs(
            chosen: try #require(EffectivePresenceRules.Chosen(rawValue: row[0])), isReachable: row[1] == "r",
            believesBusy: row[2] == "b", believesCall: row[3] == "c", believesOnline: row[4] == "o",
            isInUseElsewhere: row[5] == "e")
        let expected = EffectivePresence(
            presence: try #require(Presence(rawValue: row[6])), reason: try #require(EffectivePresence.Reason(rawValue: row[7])))
        #expect(EffectivePresenceRules.decide(inputs) == expected)
    }

    @Test("the table holds every combination of inputs once")
    func isComplete() {
        #expect(Self.table.count == 160)
        #expect(Set(Self.table.map { $0[0...5].joined(separator: " ") }).count == 160)
    }

    @Test("presence is ordered: offline, unavailable, online, busy")
    func order() {
        #expect(Presence.allCases.shuffled().sorted() == [.offline, .unavailable, .online, .busy])
    }

    @Test(
        "the wire names four presences, busy by its unstable name too, and what MSC4532 calls them",
        arguments: [
            ("offline", .offline), ("unavailable", .unavailable), ("online", .online), ("busy", .busy),
            ("org.matrix.msc3026.busy", .busy), ("", nil), ("Online", nil), ("free_for_chat", nil), ("busy\u{301}", nil),
            ("active", .online), ("idle", .unavailable), ("Active", nil), ("org.matrix.msc3026.idle", nil),
            ("org.continuwuity.presence_v2.msc4532.active", .online), ("org.continuwuity.presence_v2.msc4532.idle", .unavailable),
            ("org.continuwuity.presence_v2.msc4532.busy", .busy), ("org.continuwuity.presence_v2.msc4532.online", nil),
        ] as [(String, Presence?)])
    func wire(word: String, presence: Presence?) {
        #expect(Presence(wire: word) == presence)
    }
}

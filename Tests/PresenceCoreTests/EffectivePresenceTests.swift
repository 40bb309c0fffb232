import PresenceCore
import Testing

@Suite("The table of effective presence")
struct EffectivePresenceTests {
    /// Manual choice; reachable; busy believed; online believed; what comes out; why.
    static let table = """
        -           - - -  offline      unreachable
        -           - - o  offline      unreachable
        -           - b -  offline      unreachable
        -           - b o  offline      unreachable
        -           r - -  unavailable  reachable
        -           r - o  online       online
        -           r b -  busy         busy
        -           r b o  busy         busy
        online      - - -  offline      unreachable
        online      - - o  offline      unreachable
        online      - b -  offline      unreachable
        online      - b o  offline      unreachable
        online      r - -  unavailable  reachable
        online      r - o  online       online
        online      r b -  busy         busy
        online      r b o  busy         busy
        unavailable - - -  offline      unreachable
        unavailable - - o  offline      unreachable
        unavailable - b -  offline      unreachable
        unavailable - b o  offline      unreachable
        unavailable r - -  unavailable  manual_unavailable
        unavailable r - o  unavailable  manual_unavailable
        unavailable r b -  busy         busy
        unavailable r b o  busy         busy
        busy        - - -  offline      unreachable
        busy        - - o  offline      unreachable
        busy        - b -  offline      unreachable
        busy        - b o  offline      unreachable
        busy        r - -  busy         busy
        busy        r - o  busy         busy
        busy        r b -  busy         busy
        busy        r b o  busy         busy
        offline     - - -  offline      manual_offline
        offline     - - o  offline      manual_offline
        offline     - b -  offline      manual_offline
        offline     - b o  offline      manual_offline
        offline     r - -  offline      manual_offline
        offline     r - o  offline      manual_offline
        offline     r b -  offline      manual_offline
        offline     r b o  offline      manual_offline
        """.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }

    @Test("the first rule that matches wins", arguments: table)
    func row(_ row: [String]) throws {
        let inputs = EffectivePresenceRules.Inputs(
            manual: Presence(rawValue: row[0]), isReachable: row[1] == "r", believesBusy: row[2] == "b",
            believesOnline: row[3] == "o")
        let expected = EffectivePresence(
            presence: try #require(Presence(rawValue: row[4])), reason: try #require(EffectivePresence.Reason(rawValue: row[5])))
        #expect(EffectivePresenceRules.decide(inputs) == expected)
    }

    @Test("the table holds every combination of inputs once")
    func isComplete() {
        #expect(Self.table.count == 40)
        #expect(Set(Self.table.map { $0[0...3].joined(separator: " ") }).count == 40)
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

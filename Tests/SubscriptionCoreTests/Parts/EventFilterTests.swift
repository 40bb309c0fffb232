import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("Which events a filter lets through")
struct EventFilterTests {
    @Test(
        "a star stands for any text, the rest for itself",
        arguments: [
            ("m.room.message", "m.room.message", true), ("m.room.message", "m.room.messages", false),
            ("m.room.message", "m.room", false), ("m.room.message", "", false), ("", "", true), ("", "*", true),
            ("", "a*", false),
            ("m.room.message", "*", true), ("m.room.message", "**", true), ("m.room.message", "m.*", true),
            ("m.room.message", "m.room.message*", true), ("m.room.message", "*m.room.message", true),
            ("m.room.message", "*.message", true), ("m.room.message", "*.messag", false), ("m.room.message", "m.*.message", true),
            ("m.room.message", "m.*room*message", true), ("m.room.message", "m*s*s*e", true),
            ("m.room.message", "m*s*s*s*e", false), ("m.room.message", "n.*", false), ("m.room.message", "*M*", false),
            // The text before and behind a star does not overlap.
            ("a", "a*a", false), ("aa", "a*a", true), ("aba", "ab*ba", false), ("abba", "ab*ba", true), ("aXbXb", "a*b*b", true),
            ("ab", "a*b*b", false), ("abcabc", "*abc", true), ("abcab", "*abc", false), ("aab", "*ab", true),
            ("a.b", "a?b", false), ("a*b", "a*b", true), ("[a]", "[a]", true), ("a", "[a]", false),
            // Bytes, not characters.
            ("e\u{301}", "\u{E9}", false), ("e\u{301}", "e*", true), ("x🏃y", "x*y", true), ("x🏃y", "x🏃*", true),
        ])
    func wildcards(type: String, pattern: String, fits: Bool) {
        #expect(TypePatterns([pattern]).contain(EventType(type)) == fits)
    }

    @Test("the longest pattern with the most stars is judged without trouble")
    func longPattern() {
        let type = EventType(String(repeating: "a", count: 255))
        #expect(TypePatterns([String(repeating: "*", count: 2_000)]).contain(type))
        #expect(!TypePatterns([String(repeating: "a*", count: 2_000)]).contain(type))
    }

    /// A filter that one change made.
    private static func filter(_ change: (inout EventFilter) -> Void) -> EventFilter {
        var filter = EventFilter()
        change(&filter)
        return filter
    }

    private static let message = makeEvent(.message, sender: Names.alice, content: ["body": "x"], at: StreamPosition(1))
    private static let picture = makeEvent(.message, sender: Names.bob, content: ["url": "mxc://a/b"], at: StreamPosition(2))
    private static let odd = makeEvent("m.odd", sender: Names.bob, room: Names.hall, content: ["url": 1], at: StreamPosition(3))

    @Test(
        "each member takes away what it names",
        arguments: [
            (filter { _ in }, [true, true, true]),
            (filter { $0.limit = 0 }, [true, true, true]),
            (filter { $0.lazyLoadsMembers = true }, [true, true, true]),
            (filter { $0.types = ["m.room.*"] }, [true, true, false]),
            (filter { $0.types = [] }, [false, false, false]),
            (filter { $0.notTypes = ["m.room.message"] }, [false, false, true]),
            (filter { ($0.types, $0.notTypes) = (["*"], ["*.message"]) }, [false, false, true]),
            (filter { $0.senders = [Names.bob] }, [false, true, true]),
            (filter { $0.senders = [] }, [false, false, false]),
            (filter { $0.notSenders = [Names.bob] }, [true, false, false]),
            (filter { ($0.senders, $0.notSenders) = ([Names.bob], [Names.bob]) }, [false, false, false]),
            (filter { $0.rooms = [Names.hall] }, [false, false, true]),
            (filter { $0.notRooms = [Names.hall] }, [true, true, false]),
            (filter { $0.containsURL = true }, [false, true, false]),
            (filter { $0.containsURL = false }, [true, false, true]),
            (filter { ($0.containsURL, $0.senders) = (true, [Names.alice]) }, [false, false, false]),
        ] as [(EventFilter, [Bool])])
    func members(filter: EventFilter, passes: [Bool]) {
        #expect([Self.message, Self.picture, Self.odd].map { filter.includes($0) } == passes)
    }

    @Test("what has no sender is judged by its type alone")
    func withoutSender() {
        #expect(Self.filter { $0.senders = [Names.bob] }.includes(type: "m.tag", sender: nil))
        #expect(!Self.filter { $0.notTypes = ["m.*"] }.includes(type: "m.tag", sender: nil))
    }
}

import MatrixModel
import SubscriptionCore
import Testing

/// One event of a room, as a row writes it: `m` is a message, letters are keys of state, and what stands in brackets does not pass.
private struct Row: CustomTestStringConvertible, Sendable {
    let events: [String]
    let limit: Int
    /// What the timeline holds, what is left out of it, both by position; and whether it is limited.
    let timeline: [Int64]
    let leftOut: Set<Int64>
    let isLimited: Bool

    init(_ events: String, limit: Int, timeline: [Int64], leftOut: Set<Int64> = [], isLimited: Bool = false) {
        self.events = events.split(separator: " ").map(String.init)
        (self.limit, self.timeline, self.leftOut, self.isLimited) = (limit, timeline, leftOut, isLimited)
    }

    var testDescription: String { events.joined(separator: " ") + ", \(limit)" }
}

@Suite("What a timeline shows, and what state it leaves out")
struct TimelineCutTests {
    private static func event(_ word: String, at position: Int) -> (event: PersistedEvent, passes: Bool) {
        let name = word.filter { $0.isLetter }
        let isMessage = name == "m"
        let event = makeEvent(
            isMessage ? .message : .topic, key: isMessage ? nil : name, at: StreamPosition(Int64(position)))
        return (event, !word.hasPrefix("("))
    }

    private static func cut(_ events: [(event: PersistedEvent, passes: Bool)], limit: Int) -> TimelineCut {
        var cut = TimelineCut(limit: limit)
        for (event, passes) in events.reversed() {
            guard cut.take(event, passes: passes) else { break }
        }
        return cut
    }

    @Test(
        "a table of timelines",
        arguments: [
            Row("m m m", limit: 3, timeline: [1, 2, 3]),
            Row("m m m", limit: 2, timeline: [2, 3], isLimited: true),
            // What does not pass limits nothing.
            Row("(m) (a) m m", limit: 2, timeline: [3, 4]),
            Row("m (m) m m", limit: 2, timeline: [3, 4], isLimited: true),
            // State between two events that pass.
            Row("m (a) m", limit: 5, timeline: [1, 3], leftOut: [2]),
            Row("m (a) (a) (b) m", limit: 5, timeline: [1, 5], leftOut: [3, 4]),
            // A newer event of the key is shown: the older is nothing to keep.
            Row("m (a) m a", limit: 5, timeline: [1, 3, 4]),
            // An older event of the key passes: the newer stays in its place.
            Row("m a m (a) m", limit: 5, timeline: [1, 2, 3, 4, 5]),
            Row("a (a) (a) m", limit: 5, timeline: [1, 3, 4]),
            Row("a b m (b) (a) m", limit: 6, timeline: [1, 2, 3, 4, 5, 6]),
            // Where both have no room, the timeline begins after the older one.
            Row("m a m (a) m", limit: 3, timeline: [3, 5], leftOut: [4], isLimited: true),
            Row("a (a)", limit: 1, timeline: [], leftOut: [2], isLimited: true),
            Row("a (a)", limit: 2, timeline: [1, 2]),
            Row("m m", limit: 0, timeline: [], isLimited: true), Row("(m) (a)", limit: 0, timeline: []),
            Row("", limit: 3, timeline: []),
        ])
    fileprivate func table(row: Row) {
        let events = row.events.enumerated().map { Self.event($0.element, at: $0.offset + 1) }
        let cut = Self.cut(events, limit: row.limit)
        #expect(cut.timeline.map(\.position.rawValue) == row.timeline)
        #expect(Set(cut.leftOut.values.map(\.position.rawValue)) == row.leftOut)
        #expect(cut.isLimited == row.isLimited)
    }

    @Test("the state before the timeline, what it leaves out and then the timeline give the room's state, whatever passes")
    func anyWalk() {
        for seed in 0..<400 {
            var random = SeededGenerator(seed: UInt64(seed))
            let events = (1...Int.random(in: 1...30, using: &random)).map { position in
                let word = ["m", "a", "b", "c"].randomElement(using: &random) ?? "m"
                return Self.event(Int.random(in: 0..<3, using: &random) == 0 ? "(\(word))" : word, at: position)
            }
            let limit = Int.random(in: 0...8, using: &random)
            let cut = Self.cut(events, limit: limit)
            let start = cut.start ?? StreamPosition(Int64(events.count + 1))
            var state: [StateKey: StreamPosition] = [:]
            for (event, _) in events where event.position < start { event.stateIdentity.map { state[$0] = event.position } }
            for (key, event) in cut.leftOut { state[key] = event.position }
            for event in cut.timeline { event.stateIdentity.map { state[$0] = event.position } }
            var truth: [StateKey: StreamPosition] = [:]
            for (event, _) in events { event.stateIdentity.map { truth[$0] = event.position } }
            #expect(state == truth, "seed \(seed)")
            #expect(cut.timeline.count <= limit, "seed \(seed)")
            #expect(cut.timeline.map(\.position) == cut.timeline.map(\.position).sorted(), "seed \(seed)")
            let shown = Set(cut.timeline.map(\.position))
            let isCutOff = events.contains { $0.passes && !shown.contains($0.event.position) }
            #expect(cut.isLimited == isCutOff, "seed \(seed): limited only where something is cut off, and always then")
        }
    }

    @Test("a timeline that is not applied holds nothing that does not pass")
    func notApplied() {
        var cut = TimelineCut(limit: 5, isApplied: false)
        for (event, passes) in ["a", "m", "(a)", "m"].enumerated().map({ Self.event($0.element, at: $0.offset + 1) }).reversed() {
            let goesOn = cut.take(event, passes: passes)
            #expect(goesOn)
        }
        #expect(cut.timeline.map(\.position.rawValue) == [1, 2, 4])
        #expect(cut.leftOut.isEmpty)
    }
}

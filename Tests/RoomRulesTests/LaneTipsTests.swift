import MatrixModel
import Testing

@testable import RoomRules

@Suite("The lane of a profile room")
struct LaneTipsTests {
    private static func id(_ number: Int) -> EventID {
        EventID("$event\(number)") ?? { preconditionFailure("an event id") }()
    }

    private static func tip(_ number: Int, _ depth: Int64) -> LaneTips.Tip { LaneTips.Tip(id: id(number), depth: depth) }

    @Test("the first lane event names the main tip, the next ones the lane alone until the main chain moves")
    func story() {
        var tips = LaneTips(main: Self.tip(0, 8))
        #expect(tips.prevEventsForLane() == [Self.id(0)] && tips.depthForLane() == 9)
        tips.laneEventAppended(Self.tip(1, 9))
        #expect(tips.prevEventsForLane() == [Self.id(1)] && tips.depthForLane() == 10)
        tips.mainEventAppended(Self.tip(2, 9))
        #expect(tips.prevEventsForLane() == [Self.id(1), Self.id(2)])
        tips.laneEventAppended(Self.tip(3, 10))
        #expect(tips.prevEventsForLane() == [Self.id(3)])
        #expect(tips.prevEventsForMain() == [Self.id(2)] && tips.depthForMain() == 10)
    }

    @Test("depth stops at 2^53 - 1 and never overflows", arguments: [JSON.largestInteger - 1, JSON.largestInteger, .max])
    func depth(depth: Int64) {
        let tips = LaneTips(main: Self.tip(0, depth), lane: Self.tip(1, 5))
        #expect(tips.depthForLane() == JSON.largestInteger && tips.depthForMain() == JSON.largestInteger)
    }

    @Test(
        "in any order of events: two ends at most, no main event names the lane, depth rises",
        arguments: 1...20 as ClosedRange<UInt64>)
    func walk(seed: UInt64) {
        var dice = seed
        var tips = LaneTips(main: Self.tip(0, 1))
        var depths: [EventID: Int64] = [Self.id(0): 1]
        var ends: Set<EventID> = [Self.id(0)]
        var laneEvents: Set<EventID> = []
        for step in 1...200 {
            dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let isLane = dice >> 33 % 3 != 0
            let previous = isLane ? tips.prevEventsForLane() : tips.prevEventsForMain()
            let depth = isLane ? tips.depthForLane() : tips.depthForMain()
            let id = Self.id(step)
            if !isLane { #expect(laneEvents.isDisjoint(with: previous), "seed \(seed), step \(step)") }
            #expect(depth == 1 + (previous.compactMap { depths[$0] }.max() ?? 0), "seed \(seed), step \(step)")
            depths[id] = depth
            ends.subtract(previous)
            ends.insert(id)
            if isLane { laneEvents.insert(id) }
            let tip = LaneTips.Tip(id: id, depth: depth)
            if isLane { tips.laneEventAppended(tip) } else { tips.mainEventAppended(tip) }
            #expect(ends.count <= 2, "seed \(seed), step \(step)")
            #expect(ends.isSubset(of: [tips.main.id, tips.lane?.id ?? tips.main.id]), "seed \(seed), step \(step)")
        }
    }
}

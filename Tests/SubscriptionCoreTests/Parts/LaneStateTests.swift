import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("The lane of one profile room")
struct LaneStateTests {
    private static func event(_ type: EventType, _ position: Int64) -> PersistedEvent {
        makeEvent(type, key: "", at: StreamPosition(position), isLane: true)
    }

    @Test("an empty lane says nothing")
    func empty() {
        #expect(LaneState().position == .zero)
        #expect(LaneState().events(after: .zero).isEmpty)
    }

    @Test("only the newest presence and the newest status stand, in stream order")
    func newest() {
        var lane = LaneState()
        for (type, position) in [(.status, 1), (.presence, 2), (.presence, 4), (.status, 5), (.presence, 7)]
            as [(EventType, Int64)]
        {
            lane.set(Self.event(type, position))
            #expect(lane.position == StreamPosition(position))
        }
        #expect(lane.presence?.position == StreamPosition(7))
        #expect(lane.status?.position == StreamPosition(5))
        for (since, expected) in [(0, [5, 7]), (4, [5, 7]), (5, [7]), (6, [7]), (7, []), (.max, [])] as [(Int64, [Int64])] {
            #expect(lane.events(after: StreamPosition(since)).map(\.position.rawValue) == expected)
        }
    }

    @Test("one without the other is enough")
    func alone() {
        var lane = LaneState()
        lane.set(Self.event(.status, 3))
        #expect(lane.presence == nil)
        #expect(lane.position == StreamPosition(3))
        #expect(lane.events(after: StreamPosition(2)).map(\.type) == [.status])
    }
}

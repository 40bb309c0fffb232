import MatrixModel
import TestSupport
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Bytes of events")
struct EventBytesTests {
    @Test("whoever has stored too much waits with what makes events, and with nothing else", arguments: LimitedAction.allCases)
    func actions(action: LimitedAction) throws {
        let clock = TestClock()
        let bytes = EventBytes(perHour: 3_600_000, clock: clock)
        let limits = UserLimits(isEnabled: true, clock: clock, events: bytes)
        let (alice, bob) = (try #require(UserID("@alice:test")), try #require(UserID("@bob:test")))
        bytes.count(3_600_000, of: alice, now: clock.now().monotonic)
        try limits.take(action, by: alice)
        bytes.count(5_000, of: alice, now: clock.now().monotonic)
        try limits.take(action, by: bob)
        guard action.storesEvents else { return try limits.take(action, by: alice) }
        let refusal = #expect(throws: LimitExceeded.self) { try limits.take(action, by: alice) }
        #expect(refusal?.retryAfter == .seconds(5))
        clock.advanceMonotonic(by: .seconds(5))
        try limits.take(action, by: alice)
    }

    @Test("without a bound, and with rate limits off, nothing is refused", arguments: [true, false])
    func off(isBounded: Bool) throws {
        let clock = TestClock()
        let bytes = EventBytes(perHour: isBounded ? 1 : 0, clock: clock)
        let limits = UserLimits(isEnabled: !isBounded, clock: clock, events: bytes)
        let alice = try #require(UserID("@alice:test"))
        bytes.count(1_000_000_000, of: alice, now: clock.now().monotonic)
        try limits.take(.send, by: alice)
    }
}

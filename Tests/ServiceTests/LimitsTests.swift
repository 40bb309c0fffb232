import HearthRuntime
import HearthServices
import MatrixModel
import TestSupport
import Testing

@Suite("What users may do only so often")
struct LimitsTests {
    @Test("people are let through and loops are not", arguments: LimitedAction.allCases)
    func loops(action: LimitedAction) throws {
        let clock = TestClock()
        let limits = UserLimits(isEnabled: true, clock: clock)
        let (alice, bob) = (try #require(UserID("@alice:test")), try #require(UserID("@bob:test")))
        // A person: twenty at once, and one every ten seconds for an hour.
        for _ in 0..<20 { try limits.take(action, by: alice) }
        for _ in 0..<360 {
            clock.advanceMonotonic(by: .seconds(10))
            try limits.take(action, by: alice)
        }
        // A loop: at some point it has to wait as long as it is told, and nobody else does.
        var refusal: LimitExceeded?
        for _ in 0..<1_000 where refusal == nil {
            do throws(LimitExceeded) { try limits.take(action, by: alice) } catch { refusal = error }
        }
        let wait = try #require(refusal)
        #expect(wait.retryAfterMilliseconds > 0)
        try limits.take(action, by: bob)
        clock.advanceMonotonic(by: wait.retryAfter)
        try limits.take(action, by: alice)
        #expect(throws: LimitExceeded.self) { try limits.take(action, by: alice) }
    }

    @Test("addresses have buckets of their own, beside users and each other")
    func addresses() throws {
        let limits = UserLimits(isEnabled: true, clock: TestClock())
        let alice = try #require(UserID("@alice:test"))
        let (one, other) = (try address("192.0.2.1"), try address("192.0.2.2"))
        for _ in 0..<50 { try limits.take(.search, from: one) }
        #expect(throws: LimitExceeded.self) { try limits.take(.search, from: one) }
        try limits.take(.search, from: other)
        try limits.take(.search, by: alice)
    }

    private func address(_ text: String) throws -> ClientAddress {
        ClientAddress.of(peer: text, forwardedFor: [], trusted: [])
    }

    @Test("with rate limits off nothing is counted")
    func off() throws {
        let limits = UserLimits(isEnabled: false, clock: TestClock())
        let alice = try #require(UserID("@alice:test"))
        for _ in 0..<10_000 { try limits.take(.presence, by: alice) }
    }
}

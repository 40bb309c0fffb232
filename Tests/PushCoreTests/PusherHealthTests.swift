import MatrixModel
import Testing

@testable import PushCore

@Suite("Whether a pusher works")
struct PusherHealthTests {
    private let now = MatrixTimestamp(milliseconds: 1_760_000_000_000)

    @Test(
        "what a clock that was ahead noted of a pusher is not held against it once the clock is right",
        arguments: [.seconds(3_600), .seconds(86_400), .seconds(31_536_000)] as [Duration])
    func clockWasAhead(lead: Duration) {
        var health = PusherHealth()
        health.noteFailure(at: now.advanced(by: lead))
        #expect(health.isWorking(at: now))
        health.noteFailure(at: now)
        #expect(!health.isWorking(at: now))
        health.noteSuccess(at: now.advanced(by: lead))
        #expect(health.isWorking(at: now))
        health.noteFailure(at: now)
        #expect(!health.isWorking(at: now.advanced(by: .seconds(1))))
        #expect(health.isWorking(at: now.advanced(by: PusherHealth.failureCounts)))
    }
}

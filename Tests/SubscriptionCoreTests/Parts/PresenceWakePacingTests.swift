import MatrixModel
import SubscriptionCore
import Testing

@Suite("The pace of wake-ups by presence")
struct PresenceWakePacingTests {
    private static let phone = Names.phone

    private static func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    /// A request at a time, and when it may be answered.
    struct Row: Sendable {
        let at: Int64
        let turn: Int64
    }

    @Test(
        "the first is answered at once, then one an interval, counted from the answer and not from the request",
        arguments: [
            [Row(at: 0, turn: 0), Row(at: 0, turn: 1000), Row(at: 999, turn: 1000), Row(at: 1000, turn: 1000)],
            [Row(at: 0, turn: 0), Row(at: 1500, turn: 1500), Row(at: 1600, turn: 2500), Row(at: 2499, turn: 2500)],
            [Row(at: 5, turn: 5), Row(at: 10_000, turn: 10_000), Row(at: 10_001, turn: 11_000)],
        ])
    func pace(rows: [Row]) {
        var pacing = PresenceWakePacing(interval: .seconds(1))
        for row in rows {
            let verdict = pacing.presenceIsPending(for: Self.phone, now: Self.time(row.at))
            #expect(verdict == (row.turn == row.at ? .answer : .wait(until: Self.time(row.turn))), "at \(row.at)")
        }
    }

    @Test("devices do not wait for each other, not even a user's own")
    func devices() {
        var pacing = PresenceWakePacing(interval: .seconds(1))
        #expect(pacing.presenceIsPending(for: Self.phone, now: Self.time(0)) == .answer)
        let tablet = DeviceKey(user: Self.phone.user, device: DeviceID("ANOTHER") ?? Self.phone.device)
        #expect(pacing.presenceIsPending(for: tablet, now: Self.time(0)) == .answer)
    }

    @Test("an interval of zero delays nothing and keeps nothing")
    func zero() {
        var pacing = PresenceWakePacing(interval: .zero)
        for _ in 0..<3 { #expect(pacing.presenceIsPending(for: Self.phone, now: Self.time(0)) == .answer) }
        #expect(pacing.count == 0)
    }

    @Test("a device is forgotten when its interval is over")
    func bounded() throws {
        var pacing = PresenceWakePacing(interval: .seconds(1))
        for number in 0..<5_000 {
            let device = DeviceKey(user: Self.phone.user, device: try #require(DeviceID("D\(number)")))
            #expect(pacing.presenceIsPending(for: device, now: Self.time(Int64(number))) == .answer)
            #expect(pacing.count <= 1_000)
        }
        _ = pacing.presenceIsPending(for: Self.phone, now: Self.time(100_000))
        #expect(pacing.count == 1)
    }
}

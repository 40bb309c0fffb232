import MatrixModel
import PresenceCore
import Testing

@testable import HearthRuntime
@testable import HearthServices

/// The numbers of the operator's overview.
struct RecentTests {
    private static func time(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

    @Test("a rate is that of whole seconds that are over, and forgets what is older than asked for")
    func rate() {
        var rate = RecentRate()
        for tenth in 0..<600 { rate.count(at: Self.time(Double(tenth) / 10)) }
        #expect(rate.perSecond(over: 1, at: Self.time(59.99)) == 10)
        #expect(rate.perSecond(over: 60, at: Self.time(60)) == 10)
        #expect(rate.perSecond(over: 60, at: Self.time(90)) == 5)
        #expect(rate.perSecond(over: 1, at: Self.time(61)) == 0)
        #expect(rate.perSecond(over: 60, at: Self.time(5_000)) == 0)
        rate.count(at: Self.time(200))
        #expect(rate.perSecond(over: 60, at: Self.time(201)) == 1.0 / 60)
        #expect(rate.perSecond(over: 1_000, at: Self.time(201)) == 1.0 / 60, "a minute is as far back as it goes")
    }

    @Test("percentiles are by rank, and of the last thousand or so alone")
    func percentiles() {
        var recent = RecentDurations()
        #expect(recent.percentiles == nil)
        recent.record(.milliseconds(7))
        #expect(
            recent.percentiles
                == DurationPercentiles(count: 1, p50: .milliseconds(7), p95: .milliseconds(7), p99: .milliseconds(7)))
        recent = RecentDurations()
        for milliseconds in (1...100).reversed() { recent.record(.milliseconds(milliseconds)) }
        #expect(
            recent.percentiles
                == DurationPercentiles(count: 100, p50: .milliseconds(50), p95: .milliseconds(95), p99: .milliseconds(99)))
        for _ in 0..<RecentDurations.capacity { recent.record(.milliseconds(1)) }
        #expect(recent.percentiles?.p99 == .milliseconds(1))
        #expect(recent.percentiles?.count == RecentDurations.capacity)
    }

    @Test(
        "known clients are told apart by name, not by version, and whoever makes names up is one of the others",
        arguments: [
            ("Element/1.11.2 (Linux; x)", "Element"), ("nheko", "nheko"), ("ELEMENT", "Element"), ("", "unknown"),
            ("/1.0", "unknown"),
            ("a\"b\nc\u{E9}/1", "other"), (String(repeating: "x", count: 500), "other"), ("made-up/1", "other"),
            ("Element\u{200B}", "other"),
        ])
    func families(client: String, family: String) {
        #expect(ClientFamily.name(of: client) == family)
    }

    @Test(
        "legacy presence is safe to switch off after a week without a use, of a server that has run for a week",
        arguments: [
            (isServed: false, lastUse: 9.9, started: 0.0, verdict: LegacyVerdict.off),
            (true, 9.9, 0, .inUse), (true, 3.1, 0, .inUse), (true, 2.9, 0, .safe), (true, nil, 0, .safe),
            (true, nil, 9, .tooEarly), (true, nil, 3, .safe), (true, nil, 3.1, .tooEarly),
        ] as [(isServed: Bool, lastUse: Double?, started: Double, verdict: LegacyVerdict)])
    func legacyVerdict(isServed: Bool, lastUse: Double?, started: Double, verdict: LegacyVerdict) {
        func day(_ number: Double) -> MatrixTimestamp { MatrixTimestamp(milliseconds: Int64(number * 86_400_000)) }
        let judged = LegacyVerdict(isServed: isServed, lastUse: lastUse.map(day), countedSince: day(started), now: day(10))
        #expect(judged == verdict)
        #expect(judged.isSafeToSwitchOff == [.off, .safe].contains(verdict))
    }
}

import MatrixModel
import Testing

@Suite("Wall time, monotonic time and durations")
struct TimeTests {
    @Test(
        "a duration's milliseconds are cut towards zero and stay inside Int64",
        arguments: [
            (.zero, 0), (.milliseconds(1), 1), (.milliseconds(-1), -1), (.microseconds(1999), 1), (.microseconds(-1999), -1),
            (.nanoseconds(1), 0), (.nanoseconds(-1), 0), (.seconds(60), 60_000), (.milliseconds(Int64.max), .max),
            (.milliseconds(Int64.min), .min), (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
            (.milliseconds(Int64.max) + .milliseconds(1), .max), (.milliseconds(Int64.min) - .milliseconds(1), .min),
        ] as [(Duration, Int64)])
    func wholeMilliseconds(duration: Duration, milliseconds: Int64) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test(
        "wall time stays at the end of its range",
        arguments: [
            (1_000, .milliseconds(5), 1_005), (1_000, .seconds(-2), -1_000), (.max, .milliseconds(1), .max),
            (.min, .milliseconds(-1), .min),
            (0, .seconds(Int64.max), .max), (0, .seconds(Int64.min), .min), (.max, .zero, .max),
        ] as [(Int64, Duration, Int64)])
    func wallTime(start: Int64, duration: Duration, end: Int64) {
        #expect(MatrixTimestamp(milliseconds: start).advanced(by: duration).milliseconds == end)
    }

    @Test(
        "monotonic time stays at the end of its range",
        arguments: [
            (10, .nanoseconds(5), 15), (10, .seconds(-1), -999_999_990), (.max, .nanoseconds(1), .max),
            (.min, .nanoseconds(-1), .min),
            (0, .seconds(Int64.max), .max), (0, .seconds(Int64.min), .min), (0, .seconds(9_223_372_037), .max),
            (.max, .zero, .max),
        ] as [(Int64, Duration, Int64)])
    func monotonicTime(start: Int64, duration: Duration, end: Int64) {
        #expect(MonotonicTime(nanoseconds: start).advanced(by: duration).nanoseconds == end)
    }

    @Test("the time between the two ends of the monotonic range is exact")
    func durationSince() {
        let (first, last) = (MonotonicTime(nanoseconds: .min), MonotonicTime(nanoseconds: .max))
        #expect(last.duration(since: first) == .nanoseconds(Int64.max) - .nanoseconds(Int64.min))
        #expect(first.duration(since: last) < .zero)
        #expect(last.duration(since: last) == .zero)
    }

    @Test("advancing and measuring undo each other", arguments: 1...20 as ClosedRange<UInt64>)
    func inverse(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let start = MonotonicTime(nanoseconds: .random(in: -(1 << 60)...(1 << 60), using: &random))
            let step = Duration.nanoseconds(Int64.random(in: -(1 << 60)...(1 << 60), using: &random))
            #expect(start.advanced(by: step).duration(since: start) == step, "seed \(seed)")
        }
    }
}

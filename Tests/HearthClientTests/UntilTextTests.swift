import HearthClient
import MatrixModel
import Testing

@Suite("Until when")
struct UntilTextTests {
    /// Wednesday 2026-11-25 14:30:00 in a zone two hours ahead of UTC.
    private static let clock = LocalClock { _ in 7200 }
    private static let now = MatrixTimestamp(milliseconds: 1_795_609_800_000)

    private static func shown(_ time: MatrixTimestamp) -> String {
        let civil = clock.civil(time)
        return "\(civil.dateText) \(civil.clockText)"
    }

    @Test("now is the afternoon of a Wednesday")
    func now() throws {
        #expect(Self.shown(Self.now) == "2026-11-25 14:30")
        #expect(Self.clock.civil(Self.now).weekday == 2)
    }

    @Test(
        "people's words for a time name the next such time",
        arguments: [
            ("30m", "2026-11-25 15:00"), ("2h", "2026-11-25 16:30"), ("1h30m", "2026-11-25 16:00"), ("3d", "2026-11-28 14:30"),
            ("90s", "2026-11-25 14:31"), ("15:00", "2026-11-25 15:00"), ("14:30", "2026-11-26 14:30"),
            ("9:05", "2026-11-26 09:05"), ("3pm", "2026-11-25 15:00"), ("12am", "2026-11-26 00:00"),
            ("12:15PM", "2026-11-26 12:15"), ("tomorrow", "2026-11-26 09:00"), ("Tomorrow 15:00", "2026-11-26 15:00"),
            ("today 3pm", "2026-11-25 15:00"), ("fri", "2026-11-27 09:00"), ("wednesday", "2026-12-02 09:00"),
            ("tue 8am", "2026-12-01 08:00"), ("thursday", "2026-11-26 09:00"), ("2026-12-24", "2026-12-24 09:00"),
            ("2026-12-24 18:00", "2026-12-24 18:00"), ("2026-12-24T18:00", "2026-12-24 18:00"),
            ("2028-02-29", "2028-02-29 09:00"),
        ])
    func understood(text: String, expected: String) throws {
        #expect(Self.shown(try UntilText.parse(text, now: Self.now, clock: Self.clock)) == expected)
    }

    @Test(
        "anything else is refused with a sentence",
        arguments: [
            "", " ", "soon", "15", "25:00", "15:60", "15:0", "13pm", "0m", "1m1h", "-5m", "5", "m", "99999999999999999999h",
            "400d", "yesterday", "2027-02-29", "2026-13-01", "tomorrow tomorrow", "3pm tomorrow", "٣pm", "w", "we",
        ])
    func refused(text: String) {
        #expect(throws: UntilError.notUnderstood(text)) {
            try UntilText.parse(text, now: Self.now, clock: Self.clock)
        }
    }

    @Test("a time that is over is refused as such", arguments: ["today", "today 14:30", "2026-11-25", "2020-01-01 12:00"])
    func past(text: String) {
        #expect(throws: UntilError.past(text)) { try UntilText.parse(text, now: Self.now, clock: Self.clock) }
    }

    @Test("the clock time counts where the clock is changed in between")
    func summerTime() throws {
        // Clocks go from +1 h to +2 h at 2027-03-28 01:00 UTC.
        let change: Int64 = 1_806_195_600_000
        let clock = LocalClock { $0.milliseconds < change ? 3600 : 7200 }
        let evening = MatrixTimestamp(milliseconds: change - 4 * 3_600_000)
        #expect(clock.civil(evening).clockText == "22:00")
        #expect(try UntilText.parse("8:00", now: evening, clock: clock).milliseconds == change + 5 * 3_600_000)
        #expect(clock.civil(try UntilText.parse("2:30", now: evening, clock: clock)).clockText == "03:30")
    }

    @Test("every day of 400 years is the day that its number names")
    func days() {
        var expected = (year: 1970, month: 1, day: 1)
        for number in 0..<146_097 {
            let civil = CivilTime(dayNumber: number)
            guard (civil.year, civil.month, civil.day) == expected, civil.dayNumber == number else {
                Issue.record("day \(number) is \(civil.dateText), not \(expected)")
                return
            }
            let isLast = CivilTime(year: expected.year, month: expected.month, day: expected.day + 1) == nil
            if isLast && expected.month == 12 {
                expected = (expected.year + 1, 1, 1)
            } else if isLast {
                expected = (expected.year, expected.month + 1, 1)
            } else {
                expected.day += 1
            }
        }
    }

    @Test("a time is named in as few words as it takes")
    func brief() throws {
        for (text, expected) in [
            ("15:00", "15:00"), ("tomorrow", "tomorrow 09:00"), ("fri", "Fri 09:00"), ("2026-12-24", "2026-12-24 09:00"),
        ] {
            let time = try UntilText.parse(text, now: Self.now, clock: Self.clock)
            #expect(Self.clock.brief(time, now: Self.now) == expected)
        }
    }
}

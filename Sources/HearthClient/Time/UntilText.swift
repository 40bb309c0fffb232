public import MatrixModel

/// Until when, as people say it. Everything is in the future of the given now.
///
/// | text | |
/// |---|---|
/// | `30m`, `2h`, `1h30m`, `3d` | so long from now |
/// | `15:00`, `3pm`, `3:30pm` | the next time that the clock shows this |
/// | `tomorrow`, `fri`, `friday`, `2026-12-24` | that day at 9 o'clock; the next such weekday after today |
/// | `tomorrow 15:00`, `fri 3pm`, `2026-12-24 18:00` | that day at that time |
public enum UntilText {
    static let morning = 9

    /// - Throws: ``UntilError`` with a sentence for a person.
    public static func parse(_ text: String, now: MatrixTimestamp, clock: LocalClock) throws(UntilError) -> MatrixTimestamp {
        let words = text.lowercased().split { $0 == " " || $0 == "t" && text.first?.isNumber == true }.map(String.init)
        let today = clock.civil(now)
        let time: MatrixTimestamp
        switch words.count {
        case 1:
            if let length = length(words[0]) {
                time = now.advanced(by: length)
            } else if let clockTime = timeOfDay(words[0]) {
                time = next(clockTime, after: now, today: today, clock: clock)
            } else if let day = day(words[0], today: today) {
                time = clock.time(of: at((morning, 0), on: day))
            } else {
                throw .notUnderstood(text)
            }
        case 2:
            guard let day = day(words[0], today: today), let clockTime = timeOfDay(words[1]) else { throw .notUnderstood(text) }
            time = clock.time(of: at(clockTime, on: day))
        default: throw .notUnderstood(text)
        }
        guard time > now else { throw .past(text) }
        return time
    }

    private typealias TimeOfDay = (hour: Int, minute: Int)

    private static func at(_ time: TimeOfDay, on dayNumber: Int) -> CivilTime {
        var civil = CivilTime(dayNumber: dayNumber)
        (civil.hour, civil.minute) = time
        return civil
    }

    private static func next(_ time: TimeOfDay, after now: MatrixTimestamp, today: CivilTime, clock: LocalClock)
        -> MatrixTimestamp
    {
        let candidate = clock.time(of: at(time, on: today.dayNumber))
        return candidate > now ? candidate : clock.time(of: at(time, on: today.dayNumber + 1))
    }

    /// `1h30m`: numbers with units, each unit once, the larger first; a year at most.
    private static func length(_ text: String) -> Duration? {
        let units: [(Character, Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        var seconds: Int64 = 0
        var next = units[...]
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let number = Int64(digits), number <= 1_000_000, let unit = rest.popFirst(),
                let index = next.firstIndex(where: { $0.0 == unit })
            else { return nil }
            seconds += number * units[index].1
            next = next[(index + 1)...]
        }
        return (1...366 * 86_400).contains(seconds) ? .seconds(seconds) : nil
    }

    private static func timeOfDay(_ text: String) -> TimeOfDay? {
        var text = text[...]
        var isAfternoon: Bool?
        for (suffix, value) in [("am", false), ("pm", true)] where text.hasSuffix(suffix) {
            isAfternoon = value
            text = text.dropLast(2)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts.first, let hour = number(first, digits: 1...2) else { return nil }
        var minute = 0
        if parts.count == 2, let number = number(parts[1], digits: 2...2) {
            minute = number
        } else if parts.count != 1 || isAfternoon == nil {
            return nil
        }
        guard minute < 60 else { return nil }
        guard let isAfternoon else { return hour < 24 ? (hour, minute) : nil }
        guard (1...12).contains(hour) else { return nil }
        return (hour % 12 + (isAfternoon ? 12 : 0), minute)
    }

    /// The number of a named day.
    private static func day(_ text: String, today: CivilTime) -> Int? {
        if text == "today" { return today.dayNumber }
        if text == "tomorrow" { return today.dayNumber + 1 }
        if text.count >= 3, let weekday = CivilTime.weekdays.firstIndex(where: { $0 == text || $0.prefix(3) == text }) {
            return today.dayNumber + (weekday - today.weekday + 6) % 7 + 1
        }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = number(parts[0], digits: 4...4), let month = number(parts[1], digits: 2...2),
            let day = number(parts[2], digits: 2...2)
        else { return nil }
        return CivilTime(year: year, month: month, day: day)?.dayNumber
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int? {
        digits.contains(text.count) && text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
    }
}

/// Why a text names no time in the future.
public enum UntilError: Error, Equatable, CustomStringConvertible {
    case notUnderstood(String)
    case past(String)

    public var description: String {
        switch self {
        case .notUnderstood(let text):
            "\"\(text)\" is no time; write it like 30m, 2h, 15:00, 3pm, tomorrow, \"tomorrow 15:00\", friday or 2026-12-24"
        case .past(let text): "\"\(text)\" is over already"
        }
    }
}

import HTTPTypes
import HearthServices
import HearthSettings
import MatrixModel

/// How an answer says that the way it was asked for is going away, and when.
struct LegacyNotice: Sendable {
    /// When it will be gone; nil while that is open.
    let sunset: MatrixTimestamp?

    /// When presence outside of profile rooms was deprecated: 2026-01-01T00:00:00Z, in seconds as
    /// [RFC 9745](https://www.rfc-editor.org/rfc/rfc9745) writes a date.
    static let deprecatedSince = "@1767225600"
    /// What to use instead.
    static let successor = "<https://github.com/matrix-org/matrix-spec-proposals/pull/3032>; rel=\"sunset\""

    func add(to answer: inout ClientAnswer) {
        answer.headers[.deprecation] = Self.deprecatedSince
        guard let sunset else { return }
        answer.headers[.sunset] = HTTPDate.text(of: sunset)
        answer.headers[.link] = Self.successor
    }
}

/// A point in time as headers write it: [IMF-fixdate](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7).
enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(of time: MatrixTimestamp) -> String {
        let seconds = floorDivide(time.milliseconds, by: 1000).quotient
        let (days, second) = floorDivide(seconds, by: 86_400)
        let (year, month, day) = civil(daysSinceEpoch: days)
        let weekday = weekdays[Int(floorDivide(days, by: 7).remainder)]
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, to: 2) }.joined(separator: ":")
        return "\(weekday), \(padded(day, to: 2)) \(months[Int(month) - 1]) \(padded(year, to: 4)) \(clock) GMT"
    }

    /// The date in the Gregorian calendar. Years are counted from March, so that the leap day is the last of its year.
    private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 719,468 days from 0000-03-01 to 1970-01-01; 146,097 days in 400 years.
        let (era, dayOfEra) = floorDivide(daysSinceEpoch + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, to width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension ClientCall {
    /// Notes that the answer uses the old way to presence, here and in its headers.
    func noteLegacyUse(by requester: Requester, in answer: inout ClientAnswer) {
        services.noteLegacyUse(by: headers[.userAgent], of: requester.user, in: &answer)
    }
}

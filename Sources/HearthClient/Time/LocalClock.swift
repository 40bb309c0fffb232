public import MatrixModel

/// What the clock on the wall shows at a time: the zone is a parameter, the rest is arithmetic.
public struct LocalClock: Sendable {
    /// How far local time is ahead of UTC at a time, in seconds.
    public let offset: @Sendable (MatrixTimestamp) -> Int

    public init(offset: @escaping @Sendable (MatrixTimestamp) -> Int) { self.offset = offset }

    public static let utc = LocalClock { _ in 0 }

    public func civil(_ time: MatrixTimestamp) -> CivilTime {
        let seconds = floored(time.milliseconds, by: 1000) + Int64(offset(time))
        let days = floored(seconds, by: 86_400)
        let rest = Int(seconds - days * 86_400)
        var civil = CivilTime(dayNumber: Int(days))
        (civil.hour, civil.minute, civil.second) = (rest / 3600, rest / 60 % 60, rest % 60)
        return civil
    }

    /// When the clock shows this. An hour that comes twice is the first one; one that is left out is the one after it.
    public func time(of civil: CivilTime) -> MatrixTimestamp {
        let local = (Int64(civil.dayNumber) * 86_400 + Int64(civil.secondOfDay)) * 1000
        let before = offset(MatrixTimestamp(milliseconds: local - 86_400_000))
        let guess = MatrixTimestamp(milliseconds: local - Int64(before) * 1000)
        let there = offset(guess)
        if there == before { return guess }
        let other = MatrixTimestamp(milliseconds: local - Int64(there) * 1000)
        return offset(other) == there ? other : guess
    }

    /// A time of the near future in as few words as name it: `15:00`, `tomorrow 09:00`, `Fri 09:00`, `2026-12-24 09:00`.
    public func brief(_ time: MatrixTimestamp, now: MatrixTimestamp) -> String {
        let (there, here) = (civil(time), civil(now))
        switch there.dayNumber - here.dayNumber {
        case 0: return there.clockText
        case 1: return "tomorrow \(there.clockText)"
        case 2...6:
            let name = CivilTime.weekdays[there.weekday]
            return "\(name.prefix(1).uppercased() + name.dropFirst().prefix(2)) \(there.clockText)"
        default: return "\(there.dateText) \(there.clockText)"
        }
    }

    /// `just now`, `5 min ago`, `3 h ago`, `2 days ago`.
    public static func ago(_ time: MatrixTimestamp, now: MatrixTimestamp) -> String {
        let minutes = max(0, now.milliseconds - time.milliseconds) / 60_000
        return switch minutes {
        case ..<1: "just now"
        case ..<60: "\(minutes) min ago"
        case ..<2_880: "\(minutes / 60) h ago"
        default: "\(minutes / 1_440) days ago"
        }
    }

    private func floored(_ value: Int64, by divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}

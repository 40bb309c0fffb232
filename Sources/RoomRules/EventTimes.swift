public import MatrixModel

/// The time that an event gets: the clock's, and later than the event before it in its room.
public enum EventTimes {
    /// How far events may be ahead of the clock, because they came quicker than one a millisecond or because the clock was set back a little.
    public static let longestLead: Duration = .seconds(60)

    /// Events that a wrong clock dated further ahead than ``longestLead`` are not followed: their room goes back to the clock.
    public static func next(after last: MatrixTimestamp, clock: MatrixTimestamp) -> MatrixTimestamp {
        let next = last.advanced(by: .milliseconds(1))
        return next <= clock.advanced(by: longestLead) ? max(next, clock) : clock
    }
}

/// How long to wait before the next attempt: twice as long each time, up to a limit, and never quite the same for everybody.
public struct Backoff: Sendable {
    public static let first: Duration = .seconds(1)
    public static let longest: Duration = .seconds(60)

    private var next = Backoff.first

    public init() {}

    /// The time until the next attempt. `chance`, from 0 to 1, spreads clients that were all cut off at once over half of it.
    public mutating func wait(chance: Double) -> Duration {
        let wait = next * (0.5 + 0.5 * min(max(chance, 0), 1))
        next = min(next * 2, Self.longest)
        return wait
    }

    public mutating func succeeded() { next = Self.first }
}

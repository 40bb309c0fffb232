public import MatrixModel

/// How long this server has run, all its starts together: a time that no set clock moves.
///
/// What is kept for so long is counted by it (filters that nobody uses, transaction ids), since the wall clock may be a year ahead for a
/// minute. It stands still while the server does, and a crash takes back the last few minutes.
public struct ServerAge: Hashable, Comparable, Sendable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static let zero = ServerAge(milliseconds: 0)

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.milliseconds < rhs.milliseconds }

    public func advanced(by duration: Duration) -> Self {
        Self(milliseconds: milliseconds + duration.wholeMilliseconds)
    }

    public func duration(since other: Self) -> Duration { .milliseconds(milliseconds - other.milliseconds) }
}

/// Where the stream was at an age, and what the wall clock showed.
public struct ClockMark: Sendable, Equatable {
    public let age: ServerAge
    public let position: StreamPosition
    public let wall: MatrixTimestamp

    public init(age: ServerAge, position: StreamPosition, wall: MatrixTimestamp) {
        self.age = age
        self.position = position
        self.wall = wall
    }
}

/// A place in the one stream of everything that a sync can tell: events, peeks and account data take their positions from one counter.
///
/// Positions rise by commit: whoever sees a position sees everything before it. The first is 1; 0 stands before everything.
public struct StreamPosition: Hashable, Comparable, Sendable {
    public let rawValue: Int64

    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    public static let zero = StreamPosition(0)

    /// The position after this one; the last stays the last, because a client's token may claim any position.
    public var next: StreamPosition { StreamPosition(rawValue == .max ? .max : rawValue + 1) }
}

/// The order of what is not stored: who is typing.
///
/// It is no position of the stream, since nothing of it is committed. The first one of a process is later than all of the process
/// before, so that a client's token tells whether it heard of typing that nobody remembers.
public struct EphemeralPosition: Hashable, Comparable, Sendable {
    public let rawValue: Int64

    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    var next: Self { Self(rawValue + 1) }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

public import MatrixModel

/// The opaque token of `since`, `next_batch`, `prev_batch`, `from` and `to`: a point between two positions of the stream.
///
/// The token of position p stands after p: a sync from it tells what came after p, paging back from it tells p and what came
/// before. The token of a sync also holds what it knew of typing, once anybody has typed: `s12_34`.
public struct SyncToken: Hashable, Sendable, CustomStringConvertible {
    public let position: StreamPosition
    /// Up to where it knows who is typing; nil if it never heard of typing.
    public let ephemeral: EphemeralPosition?

    public init(_ position: StreamPosition, ephemeral: EphemeralPosition? = nil) {
        self.position = position
        self.ephemeral = ephemeral
    }

    /// Parses what ``description`` wrote; nil for any other text.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "s") else { return nil }
        let numbers = text.dropFirst().split(separator: "_", omittingEmptySubsequences: false).map { Int64($0) }
        guard (1...2).contains(numbers.count), let first = numbers[0], first >= 0 else { return nil }
        position = StreamPosition(first)
        guard numbers.count == 2 else {
            ephemeral = nil
            if !description.hasSameBytes(as: text) { return nil }
            return
        }
        guard let second = numbers[1], second >= 0 else { return nil }
        ephemeral = EphemeralPosition(second)
        if !description.hasSameBytes(as: text) { return nil }
    }

    public var description: String {
        guard let ephemeral else { return "s\(position.rawValue)" }
        return "s\(position.rawValue)_\(ephemeral.rawValue)"
    }
}

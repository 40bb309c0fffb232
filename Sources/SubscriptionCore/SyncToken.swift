public import MatrixModel

/// The opaque token of `since`, `next_batch`, `prev_batch`, `from` and `to`: a point between two positions of the stream.
///
/// The token of position p stands after p: a sync from it tells what came after p, paging back from it tells p and what came
/// before.
public struct SyncToken: Hashable, Sendable, CustomStringConvertible {
    public let position: StreamPosition

    public init(_ position: StreamPosition) { self.position = position }

    /// Parses what ``description`` wrote; nil for any other text.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "s"), let value = Int64(text.dropFirst()), value >= 0 else { return nil }
        guard "s\(value)".hasSameBytes(as: text) else { return nil }
        position = StreamPosition(value)
    }

    public var description: String { "s\(position.rawValue)" }
}

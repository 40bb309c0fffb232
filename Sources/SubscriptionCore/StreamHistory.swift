public import MatrixModel

/// Which points of the stream are of the history that a database knows: its epochs, the oldest first, and how far each one went.
///
/// An epoch ends at the last position that the database knew when the next one began. A token of an epoch that is not there, or of a
/// position past its epoch's end, is of a *lost history*: the database is a copy from before that point, or another one altogether.
/// A token of an epoch that is there is right, wherever its point lies before that epoch's end: an epoch goes on from the end of
/// the one before.
///
/// Pure. Why there are epochs: `docs/decisions/one-stream.md`.
public struct StreamHistory: Sendable {
    /// An epoch and the last position before it.
    public struct Chapter: Sendable {
        public let epoch: StreamEpoch
        public let beginsAfter: StreamPosition

        public init(epoch: StreamEpoch, beginsAfter: StreamPosition) {
            self.epoch = epoch
            self.beginsAfter = beginsAfter
        }
    }

    public let present: StreamEpoch
    /// Of all epochs but the present one.
    private let ends: [StreamEpoch: StreamPosition]

    /// - Parameters:
    ///   - chapters: all but the present one that are known, the oldest first.
    ///   - isWhole: whether none is forgotten: then what came before the first one is known too.
    public init(chapters: [Chapter], isWhole: Bool, present: Chapter) {
        self.present = present.epoch
        let starts = chapters.map(\.beginsAfter) + [present.beginsAfter]
        var ends = Dictionary(zip(chapters.map(\.epoch), starts.dropFirst())) { $1 }
        if isWhole, let first = starts.first { ends[.unnamed] = first }
        ends[present.epoch] = nil
        self.ends = ends
    }

    /// The point to continue from; nil for a token of a lost history.
    ///
    /// - Parameter reach: how far the present epoch has come.
    public func point(of token: ClientToken, reach: StreamPosition) -> SyncToken? {
        if token.epoch == present { return token.point.position <= reach ? token.point : nil }
        guard let end = ends[token.epoch], token.point.position <= end else { return nil }
        return token.point.given(in: token.epoch)
    }

    /// The token of a point. One that came of a token is written as that was.
    public func token(of point: SyncToken) -> ClientToken { ClientToken(point, epoch: point.epoch ?? present) }
}

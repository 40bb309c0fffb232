/// What a client holds as `since`, `next_batch`, `prev_batch`, `from` or `to`: a point of the stream and the epoch in which it was given out.
///
/// `s12.KxtrmQab`; what stands before the full stop is the ``SyncToken``. Tokens from before there were epochs end there: `s12`.
/// Whether a point is of the history that this server knows is for ``StreamHistory`` to say.
public struct ClientToken: Hashable, Sendable, CustomStringConvertible {
    let epoch: StreamEpoch
    /// Names no epoch itself.
    let point: SyncToken

    init(_ point: SyncToken, epoch: StreamEpoch) {
        self.point = point.given(in: nil)
        self.epoch = epoch
    }

    /// Parses what ``description`` wrote; nil for any other text.
    public init?(_ text: String) {
        let (bytes, suffix) = (text.utf8, StreamEpoch.length + 1)
        if bytes.dropLast(StreamEpoch.length).last == UInt8(ascii: ".") {
            guard let epoch = StreamEpoch(bytes.suffix(StreamEpoch.length)),
                let point = SyncToken(String(Substring(bytes.dropLast(suffix))))
            else { return nil }
            (self.epoch, self.point) = (epoch, point)
        } else {
            guard let point = SyncToken(text) else { return nil }
            (epoch, self.point) = (.unnamed, point)
        }
    }

    public var description: String { epoch == .unnamed ? point.description : "\(point.description).\(epoch)" }
}

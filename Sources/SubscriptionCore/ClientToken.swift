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
        var text = text
        // In one piece, not character by character: every poll has a token.
        let parsed = text.withUTF8 { bytes -> (epoch: StreamEpoch, point: String)? in
            let end = bytes.count - StreamEpoch.length - 1
            guard end >= 0, bytes[end] == UInt8(ascii: ".") else { return (.unnamed, "") }
            guard let epoch = StreamEpoch(bytes[(end + 1)...]) else { return nil }
            return (epoch, String(decoding: bytes[..<end], as: UTF8.self))
        }
        guard let parsed, let point = SyncToken(parsed.epoch == .unnamed ? text : parsed.point) else { return nil }
        (epoch, self.point) = (parsed.epoch, point)
    }

    public var description: String { epoch == .unnamed ? point.description : point.description + "." + epoch.description }
}

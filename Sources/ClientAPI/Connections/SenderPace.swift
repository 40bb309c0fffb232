import NIOCore

/// How fast a client has to send its requests.
///
/// Slower than this is no network that carries anything else of Matrix, and nobody takes the server's connections and memory for nothing.
struct SenderPace: Sendable {
    /// For the head of a request: from its first byte on, and over a new connection from the beginning.
    var head: TimeAmount = .seconds(10)
    /// How long a body may take at any pace.
    var grace: TimeAmount = .seconds(10)
    /// Bytes a second that a body has to have brought on average after that.
    var rate = 1024
    /// How far ahead of its pace a body may be: whoever sent much may not stop for long either.
    var credit: TimeAmount = .seconds(60)
    /// How long a body takes at most; files alone may take longer.
    var body: TimeAmount = .seconds(30)
    /// A body that comes in more pieces than this has to bring on average so many bytes with each: every one is a way through the whole pipeline.
    var pieces = 1024
    var smallestPiece = 16
    /// How long what waited for a body that broke off has for its answer.
    var farewell: TimeAmount = .seconds(1)
}

/// How much of a body has come, and how long the server has waited for it.
///
/// Time is a parameter. While the server does not read, because of its disk or of what was asked before, the client's time stands
/// still.
struct SenderProgress {
    /// How long the server would wait for what has come, at the pace.
    private var earned = TimeAmount.zero
    private var waited = TimeAmount.zero
    private var waitsSince: NIODeadline?
    private var pieces = 0
    private var bytes = 0

    /// The server wants more.
    mutating func waits(at now: @autoclosure () -> NIODeadline) {
        if waitsSince == nil { waitsSince = now() }
    }

    mutating func came(_ count: Int, pace: SenderPace, at now: @autoclosure () -> NIODeadline) {
        if let since = waitsSince {
            waited = waited + (now() - since)
            waitsSince = nil
        }
        pieces += 1
        bytes += count
        earned = min(earned + .nanoseconds(Int64(count) * (1_000_000_000 / Int64(pace.rate))), waited + pace.credit)
    }

    /// Whether the body comes in crumbs.
    func isCrumbled(pace: SenderPace) -> Bool { pieces > pace.pieces && bytes / pace.smallestPiece < pieces }

    /// How long the client may go on like this; nothing once it is too slow. Nil while the server does not wait for it.
    func timeLeft(at now: NIODeadline, pace: SenderPace, isFile: Bool) -> TimeAmount? {
        guard let waitsSince else { return nil }
        let paced = pace.grace + earned
        let allowed = isFile ? paced : min(paced, pace.body)
        return max(.zero, allowed - waited - (now - waitsSince))
    }
}

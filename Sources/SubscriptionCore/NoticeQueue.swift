import DequeModule
import MatrixModel

/// The newest events of a room that concern somebody, and some that came before them, for those who ignore whoever sent the newest.
///
/// Of what came before, the sender who has most in it gives up the oldest: so nobody's flood pushes out what others sent.
struct NoticeQueue: Sendable {
    static let most = 100

    private var newest: Deque<NoticedEvent> = []
    private var older: Deque<NoticedEvent> = []
    /// How many events each sender has in `older`.
    private var shares: [UserID: Int] = [:]

    mutating func append(_ event: NoticedEvent) {
        newest.append(event)
        if newest.count > Self.most { keepOlder(newest.removeFirst()) }
    }

    private mutating func keepOlder(_ event: NoticedEvent) {
        older.append(event)
        shares[event.sender, default: 0] += 1
        guard older.count > Self.most, let largest = shares.max(by: { $0.value < $1.value }),
            let oldest = older.firstIndex(where: { $0.sender == largest.key })
        else { return }
        older.remove(at: oldest)
        shares[largest.key] = largest.value > 1 ? largest.value - 1 : nil
    }

    /// Takes back the last event if it stands at a position.
    mutating func removeLast(at position: StreamPosition) {
        if newest.last?.position == position { newest.removeLast() }
    }

    /// Takes back the event at a position, if it is kept.
    mutating func remove(at position: StreamPosition) {
        if let index = newest.firstIndex(where: { $0.position == position }) {
            newest.remove(at: index)
        } else if let index = older.firstIndex(where: { $0.position == position }) {
            let sender = older.remove(at: index).sender
            shares[sender] = shares[sender].flatMap { $0 > 1 ? $0 - 1 : nil }
        }
    }

    /// The events after a position, the newest first: all of the last `most`, and what is kept of those before where somebody is ignored.
    func forEach(after position: StreamPosition, besides ignored: IgnoredUsers?, _ body: (NoticedEvent) -> Void) {
        for event in newest.reversed().prefix(while: { $0.position > position }) {
            if let ignored, ignored.hides(event.sender, at: event.position) { continue }
            body(event)
        }
        guard let ignored, !older.isEmpty else { return }
        for event in older.reversed().prefix(while: { $0.position > position })
        where !ignored.hides(event.sender, at: event.position) {
            body(event)
        }
    }

    /// Whether any of them is by a sender who satisfies a condition.
    func contains(after position: StreamPosition, where condition: (UserID) -> Bool) -> Bool {
        newest.reversed().prefix { $0.position > position }.contains { condition($0.sender) }
    }
}

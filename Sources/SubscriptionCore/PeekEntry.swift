import MatrixModel

/// The peeks of one device: the live ones, and the ended ones as long as a sync may still ask for them.
struct PeekEntry: Sendable {
    /// How many ended peeks of a device are remembered; older ends are forgotten first.
    static let mostEnded = 2_000

    var live: [RoomID: Peek] = [:]
    /// In the order of their ends.
    private(set) var ended: [Ended] = []

    struct Ended: Sendable {
        let room: RoomID
        let started: StreamPosition
        let position: StreamPosition
        let reason: PeekEnd
    }

    mutating func end(_ room: RoomID, at position: StreamPosition, reason: PeekEnd) -> Bool {
        guard let peek = live.removeValue(forKey: room) else { return false }
        noteEnded(Ended(room: room, started: peek.started, position: position, reason: reason))
        return true
    }

    /// Remembers an end; ends from before the start come in any order.
    mutating func noteEnded(_ end: Ended) {
        let index = ended.lastIndex { $0.position <= end.position }.map { $0 + 1 } ?? 0
        ended.insert(end, at: index)
        if ended.count > Self.mostEnded { ended.removeFirst(ended.count - Self.mostEnded) }
    }

    /// Whether the device followed the room from `since` to the join that ended its peek: then it has the state already.
    ///
    /// The peek ends after the join's event. A later join is another matter: the user was not always there in between.
    func hasPeeked(_ room: RoomID, since: StreamPosition, untilJoinAt joined: StreamPosition) -> Bool {
        ends(after: since).contains { $0.room == room && $0.reason == .joined && $0.position > joined }
    }

    /// The ends that a sync from `since` has to tell, newest first: of peeks that it knew to live.
    func ends(after since: StreamPosition) -> [Ended] {
        ended.reversed().prefix { $0.position > since }.filter { $0.started <= since }
    }
}

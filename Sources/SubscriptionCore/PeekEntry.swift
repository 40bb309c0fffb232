import MatrixModel

/// The peeks of one device: the live ones, and the ended ones as long as a sync may still ask for them.
struct PeekEntry: Sendable {
    /// How many ended peeks of a device are remembered; older ends are forgotten first.
    static let mostEnded = 2_000

    private(set) var live: [RoomID: Peek] = [:]
    /// A row for each live peek, in no order: what tells by the room's number whether the peek has news, and which.
    private(set) var rows: [Row] = []
    /// In the order of their ends.
    private(set) var ended: [Ended] = []

    struct Row: Sendable {
        let number: RoomNumber
        let started: StreamPosition
        /// Where the peek began to show the lane; nil while it does not.
        var laneSince: StreamPosition?
    }

    struct Ended: Sendable {
        let room: RoomID
        let started: StreamPosition
        let position: StreamPosition
        let reason: PeekEnd
    }

    /// Begins a peek; one into the same room gives way without a trace.
    mutating func start(_ peek: Peek, number: RoomNumber) {
        if live.updateValue(peek, forKey: peek.room) != nil { rows.removeAll { $0.number == number } }
        rows.append(Row(number: number, started: peek.started, laneSince: peek.laneSince))
    }

    mutating func renew(_ room: RoomID, until expires: MatrixTimestamp) { live[room]?.expires = expires }

    mutating func showLane(of room: RoomID, number: RoomNumber, since position: StreamPosition) {
        live[room]?.laneSince = position
        if let index = rows.firstIndex(where: { $0.number == number }) { rows[index].laneSince = position }
    }

    mutating func withholdLane(of room: RoomID, number: RoomNumber) {
        live[room]?.laneSince = nil
        if let index = rows.firstIndex(where: { $0.number == number }) { rows[index].laneSince = nil }
    }

    /// Ends a live peek; returns whether there was one.
    mutating func end(_ room: RoomID, number: RoomNumber, at position: StreamPosition, reason: PeekEnd) -> Bool {
        guard let peek = live.removeValue(forKey: room) else { return false }
        if let index = rows.firstIndex(where: { $0.number == number }) { rows.swapAt(index, rows.count - 1) }
        rows.removeLast()
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

    /// Whether the device peeked into the room at a position, with a peek that is over.
    func hasPeeked(_ room: RoomID, at since: StreamPosition) -> Bool { ends(after: since).contains { $0.room == room } }

    /// The ends that a sync from `since` has to tell, newest first: of peeks that it knew to live.
    func ends(after since: StreamPosition) -> [Ended] {
        ended.reversed().prefix { $0.position > since }.filter { $0.started <= since }
    }
}

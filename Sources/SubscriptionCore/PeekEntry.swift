import MatrixModel

/// The peeks of one device: the live ones, and the ended ones as long as a sync may still ask for them.
struct PeekEntry: Sendable {
    /// How many ended peeks of a device are remembered; older ends are forgotten first.
    static let mostEnded = 2_000

    var live: [RoomID: Peek] = [:]
    private(set) var ended: [Ended] = []

    struct Ended: Sendable {
        let room: RoomID
        let started: StreamPosition
        let position: StreamPosition
        let reason: PeekEnd
    }

    mutating func end(_ room: RoomID, at position: StreamPosition, reason: PeekEnd) -> Bool {
        guard let peek = live.removeValue(forKey: room) else { return false }
        ended.append(Ended(room: room, started: peek.started, position: position, reason: reason))
        if ended.count > Self.mostEnded { ended.removeFirst(ended.count - Self.mostEnded) }
        return true
    }

    /// The peek's end that a sync from `since` has to tell: of a peek that it knew to live.
    func end(of room: RoomID, after since: StreamPosition) -> Ended? {
        ended.last { $0.room == room && $0.started <= since && $0.position > since }
    }

    func ends(after since: StreamPosition) -> [Ended] {
        ended.reversed().prefix { $0.position > since }.filter { $0.started <= since }
    }
}

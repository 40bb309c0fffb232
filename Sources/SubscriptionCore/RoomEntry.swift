import DequeModule
import MatrixModel

/// What is kept in memory of one room: who is in it, its newest events, and whose presence changed in it.
///
/// `tail` holds every main-chain event after `tailStart`; a reader whose position lies before that asks the store.
struct RoomEntry: Sendable {
    /// How many events of one room stay in memory.
    static let longestTail = 64

    /// Members by the position at which they joined.
    private(set) var joined: [UserID: StreamPosition] = [:]
    /// Who left lately, with the position. It lives as long as the process.
    private var departures: Deque<Departure> = []
    private(set) var lastMembershipChange: StreamPosition = .zero
    /// The newest receipt that every member may see, and each user's newest private one.
    private var lastReceipt: StreamPosition = .zero
    private var lastPrivateReceipt: [UserID: StreamPosition] = [:]
    /// Who is typing now.
    var typing: [UserID] = []
    var typingMoves = TypingMoves()
    private(set) var tail: Deque<PersistedEvent> = []
    private(set) var tailStart: StreamPosition
    /// The newest main-chain event's position.
    private(set) var lastPosition: StreamPosition
    /// Owners whose lane moved, with the position, every one after `laneLogStart`.
    private(set) var laneLog: Deque<LaneMove> = []
    private(set) var laneLogStart: StreamPosition
    private(set) var lastLaneMove: StreamPosition
    /// Devices that peek into this room now.
    private(set) var peekers: Set<DeviceKey> = []
    /// Those of them who are shown the lane.
    private(set) var laneViewers: Set<DeviceKey> = []
    var unread = UnreadMessages()
    var sharing = RoomSharingState()

    private struct Departure: Sendable {
        let user: UserID
        let position: StreamPosition
    }

    struct LaneMove: Sendable {
        let owner: UserID
        let position: StreamPosition
    }

    /// An entry for a room about which nothing newer than `position` is known.
    init(knownUpTo position: StreamPosition, lastPosition: StreamPosition) {
        tailStart = position
        self.lastPosition = lastPosition
        laneLogStart = position
        lastLaneMove = .zero
    }

    mutating func notePeek(of device: DeviceKey, showsLane: Bool) {
        peekers.insert(device)
        if showsLane { laneViewers.insert(device) } else { laneViewers.remove(device) }
    }

    mutating func noteEndOfPeek(of device: DeviceKey) {
        peekers.remove(device)
        laneViewers.remove(device)
    }

    mutating func noteJoin(of user: UserID, at position: StreamPosition) {
        joined[user] = position
        lastMembershipChange = max(lastMembershipChange, position)
    }

    mutating func noteDeparture(of user: UserID, at position: StreamPosition) {
        guard joined.removeValue(forKey: user) != nil else { return }
        departures.append(Departure(user: user, position: position))
        // As many as there are members, so that a class which leaves together is told of.
        if departures.count > max(Self.longestTail, joined.count) { departures.removeFirst() }
        lastMembershipChange = max(lastMembershipChange, position)
    }

    /// Notes from before the start that a membership changed, not whose.
    mutating func restoreMembershipChange(at position: StreamPosition) {
        lastMembershipChange = max(lastMembershipChange, position)
    }

    /// Who left after a position, as far as it is remembered.
    func departures(after position: StreamPosition) -> [UserID] {
        departures.reversed().prefix { $0.position > position }.map(\.user)
    }

    mutating func noteReceipt(of user: UserID, isPrivate: Bool, at position: StreamPosition) {
        if isPrivate {
            lastPrivateReceipt[user] = max(lastPrivateReceipt[user] ?? .zero, position)
        } else {
            lastReceipt = max(lastReceipt, position)
        }
    }

    /// Whether there is a receipt after a position that a user may see.
    func hasReceipts(after position: StreamPosition, for user: UserID) -> Bool {
        lastReceipt > position || lastPrivateReceipt[user] ?? .zero > position
    }

    /// Keeps an event; returns the one that it lets go of for it.
    mutating func append(_ event: PersistedEvent) -> PersistedEvent? {
        tail.append(event)
        lastPosition = event.position
        unread.note(event)
        return tail.count > Self.longestTail ? letGo() : nil
    }

    /// Lets go of an event if it is the oldest that is kept, and returns it.
    mutating func letGo(ofEventAt position: StreamPosition) -> PersistedEvent? {
        tail.first?.position == position ? letGo() : nil
    }

    private mutating func letGo() -> PersistedEvent? {
        guard let dropped = tail.popFirst() else { return nil }
        tailStart = dropped.position
        return dropped
    }

    /// Takes over an event that lost its content; returns what it was before if that was kept.
    mutating func replace(_ event: PersistedEvent) -> PersistedEvent? {
        unread.noteRedacted(at: event.position)
        guard let index = tail.firstIndex(where: { $0.position == event.position }) else { return nil }
        let before = tail[index]
        tail[index] = event
        return before
    }

    mutating func noteLaneMove(of owner: UserID, at position: StreamPosition) {
        laneLog.append(LaneMove(owner: owner, position: position))
        lastLaneMove = position
        // As many as there are members: whoever asks for more goes through the members, which takes no longer then.
        let most = max(Self.longestTail, joined.count)
        while laneLog.count > most, let dropped = laneLog.popFirst() { laneLogStart = dropped.position }
    }

    /// Notes a move from before the start: that there was one, not whose.
    mutating func restoreLaneMove(at position: StreamPosition) { lastLaneMove = max(lastLaneMove, position) }

    /// All main-chain events after a position, oldest first; nil when memory does not reach back so far.
    func events(after position: StreamPosition) -> [PersistedEvent]? {
        if position >= lastPosition { return [] }
        guard position >= tailStart else { return nil }
        return tail.reversed().prefix { $0.position > position }.reversed()
    }

    /// Members whose lane moved after a position; nil when memory does not reach back so far.
    func laneMoves(after position: StreamPosition) -> [UserID]? {
        if position >= lastLaneMove { return [] }
        guard position >= laneLogStart else { return nil }
        return laneLog.reversed().prefix { $0.position > position }.map(\.owner)
    }
}

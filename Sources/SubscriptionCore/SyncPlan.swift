public import MatrixModel

/// What is new for one device since a position, as far as memory knows: where memory does not reach, it names what to read.
public struct SyncPlan: Sendable {
    /// The position up to which the plan is complete.
    public let position: StreamPosition
    public internal(set) var joined: [RoomPlan] = []
    public internal(set) var peeked: [RoomPlan] = []
    public internal(set) var invited: [RoomID] = []
    public internal(set) var left: [DeparturePlan] = []
    /// Rooms whose peek ended, that the user has not joined, to which the user is not invited, and that are not among those left.
    public internal(set) var endedPeeks: [RoomID] = []
    /// Of each room that the device peeked into at its last sync and follows no more: where that peek ended.
    public internal(set) var peekEnds: [RoomID: StreamPosition] = [:]
    /// Users whose presence or status is news through the legacy `presence.events`.
    public internal(set) var presence: [UserID] = []
    /// Users whose presence was news once and is not to be seen any more: for `presence.events` they are offline.
    public internal(set) var lostPresence: [UserID] = []
    /// What is news of profiles, of those whom the user shares rooms with and the user's own.
    public internal(set) var profiles: [ProfilePlan] = []
    /// Rooms that somebody may have left before the start, who is to be looked for in the store: the client forgets their profiles.
    public internal(set) var roomsLeftBySomebody: [RoomID] = []
    public internal(set) var hasAccountData = false
    /// Whether messages to the device came after the position.
    public internal(set) var hasToDevice = false
    /// Whose device keys are to be asked for again.
    public internal(set) var changedDeviceLists: [UserID] = []
    /// Who shares no room with the user any more.
    public internal(set) var leftDeviceLists: [UserID] = []
    /// What is left of the device's keys; every answer tells it.
    public internal(set) var keyCounts = KeyCounts.none
    /// Whether somebody else changed the key counts after the position.
    public internal(set) var hasNewKeyCounts = false
    /// Up to where the plan knows who is typing; nil when nobody has typed since the start.
    public internal(set) var ephemeralPosition: EphemeralPosition?
    /// Of whom the user gets no events; nil for nobody.
    public internal(set) var ignored: IgnoredUsers?

    /// Whether there is nothing to tell.
    public var isEmpty: Bool {
        joined.isEmpty && peeked.isEmpty && invited.isEmpty && left.isEmpty && endedPeeks.isEmpty && presence.isEmpty
            && lostPresence.isEmpty && profiles.isEmpty && !hasAccountData && !hasToDevice && changedDeviceLists.isEmpty
            && leftDeviceLists.isEmpty
            && !hasNewKeyCounts
    }
}

/// One room in a sync.
public struct RoomPlan: Sendable {
    public let room: RoomID
    public let content: Content
    /// The current presence and status that are news; empty in ordinary rooms.
    public let lane: [PersistedEvent]
    /// Whether the lane is shown from now on: then it comes as state, though the room itself is known.
    public var isLaneNew = false
    public var unread = UnreadCounts()
    /// Whether the counts are others than before though nothing came: the user ignores others now.
    public var isCountedAnew = false
    /// Whether receipts that the user may see came after the position.
    public var hasReceipts = false
    /// Who is typing, if that is news.
    public var typing: [UserID]?
    /// Whether the device peeked into the room at the position: where the room is new to it all the same, it holds some of its members.
    public var wasPeeked = false

    public enum Content: Sendable {
        /// The room is new to the device: the whole state and the newest events.
        case whole
        /// All main-chain events since the position, oldest first.
        case events([PersistedEvent])
        /// Memory does not reach back far enough: the events since the position are to be read from the store.
        case stored
    }
}

/// A room that the user has left. What of it is to be told, the store says: the user's member events.
public struct DeparturePlan: Sendable {
    public let room: RoomID
    /// The position of the member event that ended it.
    public let end: StreamPosition
}

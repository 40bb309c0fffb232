public import MatrixModel

/// Who is told what: the memory image of everything that a sync needs to find out what is new for a device.
///
/// It follows the committed stream (``apply(_:)``) and answers two questions without reading the store: which waiting requests
/// does a commit concern, and what is new for a device since a position
/// (``SyncPlan``). A wake-up carries no data: the woken request asks for its plan.
///
/// Pure: no clock, no I/O. Its shell guards it with one lock.
public struct SubscriptionEngine: Sendable {
    /// Everything up to here is known.
    public internal(set) var position: StreamPosition = .zero
    /// What was known at the start. Who began or ceased to see whom before that is not in memory.
    var startPosition: StreamPosition = .zero
    /// The operator's part in who sees whose presence.
    public let audience: Audience
    var rooms: [RoomID: RoomEntry] = [:]
    var tails = TailBudget()
    var news = RoomNews()
    var users: [UserID: UserEntry] = [:]
    var devices: [DeviceKey: PeekEntry] = [:]
    /// Each user's devices that have live peeks.
    var peekingDevices: [UserID: Set<DeviceKey>] = [:]
    var profileOwners: [RoomID: UserID] = [:]
    var profileRooms: [UserID: RoomID] = [:]
    var lanes: [UserID: LaneState] = [:]
    var sharings: [UserID: PresenceSharing] = [:]
    var sightLogs: [UserID: SightLog] = [:]
    var ignoring: [UserID: IgnoredUsers] = [:]
    var programFields: [UserID: ProgramFields] = [:]
    var profileLog = ProfileLog()
    var waiters = WaiterIndex()
    var expiries = PeekExpiries()
    var statusExpiries = StatusExpiries()
    var deviceEntries: [DeviceKey: DeviceEntry] = [:]
    var deviceLists = DeviceListLog()
    var signedUsers: [UserID: SignedUsers] = [:]
    /// The last change of who is typing.
    public internal(set) var ephemeralPosition: EphemeralPosition
    let ephemeralStart: EphemeralPosition
    /// Who typed in a room and was in it no longer, until ``takeDepartedTypists()``.
    var departedTypists: [RoomID: Set<UserID>] = [:]

    /// - Parameter ephemeralStart: later than that of every process before.
    public init(audience: Audience = Audience(), ephemeralStart: EphemeralPosition = EphemeralPosition(0)) {
        self.audience = audience
        self.ephemeralStart = ephemeralStart
        ephemeralPosition = ephemeralStart
    }

    // MARK: Questions

    public func profileRoom(of user: UserID) -> RoomID? { profileRooms[user] }
    public func profileOwner(of room: RoomID) -> UserID? { profileOwners[room] }
    public func lane(of user: UserID) -> LaneState? { lanes[user] }
    public func isJoined(_ user: UserID, in room: RoomID) -> Bool { users[user]?.joined[room] != nil }
    public func joinedRooms(of user: UserID) -> [RoomID] {
        (users[user]?.joined.keys).map { $0.sorted { $0.rawValue.precedesInBytes($1.rawValue) } } ?? []
    }
    public func joinedMembers(of room: RoomID) -> [UserID] { rooms[room].map { Array($0.joined.keys) } ?? [] }
    public func joinedCount(in room: RoomID) -> Int { rooms[room]?.joined.count ?? 0 }
    public func livePeek(of device: DeviceKey, in room: RoomID) -> Peek? { devices[device]?.live[room] }
    public func livePeeks(of device: DeviceKey) -> [Peek] { devices[device].map { Array($0.live.values) } ?? [] }
    public func livePeeks(in room: RoomID) -> [Peek] {
        rooms[room].map { entry in entry.peekers.compactMap { devices[$0]?.live[room] } } ?? []
    }
    public func unread(for user: UserID, in room: RoomID) -> UnreadCounts {
        rooms[room]?.unread.counts(for: user, besides: ignored(by: user)) ?? UnreadCounts()
    }
    /// How many events notify a user in all rooms together.
    public func unreadNotifications(of user: UserID) -> Int {
        (users[user]?.joined ?? [:]).keys.reduce(0) { $0 + unread(for: user, in: $1).notifications }
    }
    /// Whether a user has read a room up to a position.
    public func hasRead(_ user: UserID, in room: RoomID, upTo position: StreamPosition) -> Bool {
        rooms[room]?.unread.hasRead(user, upTo: position) ?? false
    }

    /// The next time at which a live peek may expire.
    public var nextPeekExpiry: MatrixTimestamp? { expiries.next }

    /// The next 256 live peeks that are over by a time; each is handed out once. They end with the commit that the caller makes of them.
    public mutating func takeExpiredPeeks(by now: MatrixTimestamp) -> [Peek] {
        expiries.popExpired(by: now, in: devices)
    }

    /// The next 64 users whose status is over by a time. Where it stands for all that, they are named again some seconds later.
    public mutating func statusesDue(by now: MatrixTimestamp) -> [UserID] {
        statusExpiries.due(by: now, lanes: lanes)
    }

    /// Takes back a peek that ``takeExpiredPeeks(by:)`` handed out and that could not be ended: it is due again at a later time.
    public mutating func putBack(_ peek: Peek, until time: MatrixTimestamp) {
        var later = peek
        later.expires = time
        expiries.insert(later, among: devices)
    }

    public func livePeekCount(of device: DeviceKey) -> Int { devices[device]?.live.count ?? 0 }

    /// Whether two users are joined to one ordinary room. Everybody shares a room with themselves.
    public func shareRoom(_ one: UserID, _ other: UserID) -> Bool {
        if one == other { return true }
        guard let mine = users[one]?.joined, let theirs = users[other]?.joined else { return false }
        let (few, many) = mine.count <= theirs.count ? (mine, theirs) : (theirs, mine)
        return few.keys.contains { many[$0] != nil }
    }

    /// Everybody who shares an ordinary room with a user, the user included.
    public func contacts(of user: UserID) -> Set<UserID> {
        var contacts: Set<UserID> = [user]
        for room in (users[user]?.joined ?? [:]).keys {
            if let members = rooms[room]?.joined.keys { contacts.formUnion(members) }
        }
        return contacts
    }

    // MARK: Waiting

    /// Registers a request that waits for something new. Register first, then ask for the plan: so no wake-up is lost.
    ///
    /// - Parameter asksForProfiles: whether changes of profiles concern the request.
    /// - Returns: the device's oldest request, if it holds more than eight now: that one is to be ended.
    @discardableResult
    public mutating func wait(_ waiter: WaiterID, for device: DeviceKey, asksForProfiles: Bool = false) -> WaiterID? {
        waiters.insert(waiter, for: device, asksForProfiles: asksForProfiles)
    }

    public mutating func stopWaiting(_ waiter: WaiterID) { waiters.remove(waiter) }

    /// Whether presence and status alone are to leave a request asleep: while it waits for its turn (``PresenceWakePacing``), at which
    /// it is woken anyhow and finds all that came. Whatever else is new concerns it as before. Set it back first, then ask for the plan.
    public mutating func setPaced(_ waiter: WaiterID, _ isPaced: Bool) { waiters.setPaced(waiter, isPaced) }

    /// Whether a device holds a request, or any device of a user.
    public func isWaiting(_ device: DeviceKey) -> Bool { waiters.holds(for: device) }
    public func isWaiting(_ user: UserID) -> Bool { waiters.holds(for: user) }

    public var waitingCount: Int { waiters.count }
}

extension SubscriptionEngine {
    /// Whether a user ignores another now.
    public func ignores(_ user: UserID, _ other: UserID) -> Bool {
        !ignoring.isEmpty && ignoring[user]?.users.contains(other) == true
    }
}

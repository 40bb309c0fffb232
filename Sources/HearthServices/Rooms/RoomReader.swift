import HearthStore
public import MatrixModel
public import SubscriptionCore

/// What users read of rooms: state, members, single events, history.
///
/// Who reads what: a member the present; who has left, what was there until then; anybody logged in, a room whose history is
/// world readable. History is judged event by event (``HistoryVisibility``). Each method reads one consistent state of the store.
public final class RoomReader: Sendable {
    let store: Store
    let audience: PresenceAudience
    let notifier: StreamNotifier

    init(store: Store, audience: PresenceAudience, notifier: StreamNotifier) {
        self.store = store
        self.audience = audience
        self.notifier = notifier
    }

    /// What a user may read of a room.
    struct Access {
        let isMember: Bool
        /// The position up to which the user sees events; nil for the present.
        let end: StreamPosition?
        /// The position up to which the user sees the room's state; nil for the present. The own membership is seen beyond it: who has
        /// left and is banned later learns of the ban, and nothing of what came in between.
        var stateEnd: StreamPosition?
        let visibility: HistoryVisibility
        let isProfileRoom: Bool
        /// Whether the user is in the audience of the profile room's owner: to all others it has no lane.
        var showsLane = true

        /// Whether the user may see what the main chain has at a position.
        func canSee(_ position: StreamPosition) -> Bool {
            if let end, position > end { return false }
            return visibility.canSee(position)
        }
    }

    /// What a user may read, the lane of profile rooms included.
    func access(of user: UserID, to room: RoomID, in store: StoreTransaction) throws -> Access {
        var access = try Self.access(of: user, to: room, in: store)
        if access.isProfileRoom, let owner = try store.rooms.room(room)?.profileOwner {
            access.showsLane = try audience.stored(reading: store).canSee(user, laneOf: owner)
        }
        return access
    }

    static func access(of user: UserID, to room: RoomID, in store: StoreTransaction) throws -> Access {
        guard let record = try store.rooms.room(room) else { throw RoomError.unknownRoom }
        let membership = try store.memberships.membership(of: user, in: room)
        let memberEvents = try store.events.history(of: .member(user), in: room)
        let visibility = HistoryVisibility(
            visibilityEvents: try store.events.history(of: .historyVisibility, in: room), memberEvents: memberEvents)
        let isProfileRoom = record.profileOwner != nil
        switch membership?.membership {
        case .join:
            return Access(isMember: true, end: nil, visibility: visibility, isProfileRoom: isProfileRoom)
        case .leave?, .ban?:
            // Of a room that everybody may read, whoever is banned reads what came before the ban at most.
            let isBanned = membership?.membership == .ban
            let isReadable = try isWorldReadable(room, in: store)
            if !isBanned, isReadable { break }
            if membership?.isForgotten == false, let stay = MembershipHistory(memberEvents: memberEvents).lastStay {
                return Access(
                    isMember: false, end: membership?.position, stateEnd: isReadable ? membership?.position : stay.ended,
                    visibility: visibility, isProfileRoom: isProfileRoom)
            }
            if isBanned { throw RoomError.notInRoom }
        default: break
        }
        guard try isWorldReadable(room, in: store) else { throw RoomError.notInRoom }
        return Access(isMember: false, end: nil, visibility: visibility, isProfileRoom: isProfileRoom)
    }

    static func isWorldReadable(_ room: RoomID, in store: StoreTransaction) throws -> Bool {
        let setting = try store.state.event(.historyVisibility, in: room)?.content["history_visibility"]
        return setting == "world_readable"
    }

    // MARK: State

    /// The whole state that the user may see, in stream order.
    public func state(of room: RoomID, for user: UserID) async throws -> [PersistedEvent] {
        try await store.read { store in
            let access = try self.access(of: user, to: room, in: store)
            if let end = access.stateEnd { return try Self.state(of: room, at: end, for: user, in: store) }
            return try store.state.events(in: room).filter { access.showsLane || !$0.isLane }
        }
    }

    /// The state at the end of a user's stay, and what the user's own membership became.
    private static func state(
        of room: RoomID, at end: StreamPosition, for user: UserID, in store: StoreTransaction
    ) throws -> [PersistedEvent] {
        var state = try store.events.state(of: room, at: end)
        guard let own = try store.state.event(.member(user), in: room), own.position > end else { return state }
        state.removeAll { $0.stateIdentity == .member(user) }
        return state + [own]
    }

    private static func state(
        _ key: StateKey, of room: RoomID, at end: StreamPosition, for user: UserID, in store: StoreTransaction
    ) throws -> PersistedEvent? {
        let event = try store.state.event(key, in: room)
        guard let event, event.position > end, key != .member(user) else { return event }
        return try store.events.state(key, of: room, at: end)
    }

    /// One piece of state.
    public func state(_ key: StateKey, of room: RoomID, for user: UserID) async throws -> PersistedEvent {
        try await store.read { store in
            let access = try self.access(of: user, to: room, in: store)
            let event =
                if let end = access.stateEnd {
                    try Self.state(key, of: room, at: end, for: user, in: store)
                } else {
                    try store.state.event(key, in: room)
                }
            guard let event, access.showsLane || !event.isLane else { throw RoomError.notFound("The room has no such state.") }
            return event
        }
    }

    /// The member events, as of a point in the past if one is given; of two conditions either is enough.
    public func members(
        of room: RoomID, at token: SyncToken?, membership: Membership?, notMembership: Membership?, for user: UserID
    ) async throws -> [PersistedEvent] {
        let events = try await store.read { store in
            let access = try self.access(of: user, to: room, in: store)
            if let token, access.stateEnd.map({ token.position < $0 }) ?? true {
                return try store.events.state(of: room, at: token.position).filter { $0.type == .member }
            }
            if let end = access.stateEnd {
                return try Self.state(of: room, at: end, for: user, in: store).filter { $0.type == .member }
            }
            return try store.state.events(ofType: .member, in: room)
        }
        if membership == nil, notMembership == nil { return events }
        return events.filter { event in
            (membership != nil && event.membership == membership)
                || (notMembership != nil && event.membership != notMembership)
        }
    }

    /// The joined members' member events. Only for members.
    public func joinedMembers(of room: RoomID, for user: UserID) async throws -> [PersistedEvent] {
        try await store.read { store in
            let access = try self.access(of: user, to: room, in: store)
            guard access.isMember || access.end == nil else { throw RoomError.notInRoom }
            return try store.state.events(ofType: .member, in: room).filter { $0.membership == .join }
        }
    }

    /// The aliases of a room.
    public func aliases(of room: RoomID, for user: UserID) async throws -> [RoomAlias] {
        try await store.read { store in
            _ = try self.access(of: user, to: room, in: store)
            return try store.aliases.aliases(of: room)
        }
    }

    // MARK: Events

    /// One event, if the user may see it. What the lane said before is gone for everybody.
    public func event(
        _ id: EventID, in room: RoomID, for user: UserID
    ) async throws -> (event: PersistedEvent, edit: PersistedEvent?) {
        try await store.read { store in
            let (event, access) = try self.findEvent(id, in: room, for: user, store: store)
            return (event, try self.edits(of: [event], access: access, store: store)[id])
        }
    }

    private static let missingEvent = RoomError.notFound("There is no such event, or you may not see it.")

    /// One event and what its reader may read beside it. The spec has one answer for an event that is not there and one that is not for
    /// this user.
    func findEvent(
        _ id: EventID, in room: RoomID, for user: UserID, store: StoreTransaction
    ) throws -> (event: PersistedEvent, access: Access) {
        do {
            return try event(id, in: room, for: user, store: store)
        } catch let error as RoomError where error == .notInRoom {
            throw Self.missingEvent
        }
    }

    /// Whose events a user is not shown: who reads begins anew each time, and nothing else is hidden than what is ignored now.
    func ignored(by user: UserID) -> IgnoredUsers? { audience.ignoring.ignored(by: user)?.now }

    /// The edits of some events, as far as the reader may see them.
    func edits(of events: [PersistedEvent], access: Access, store: StoreTransaction) throws -> Edits {
        if access.isProfileRoom { return [:] }
        let edits = try store.relations.edits(of: events, upTo: try access.end ?? store.meta.position())
        return edits.filter { access.canSee($0.value.position) }
    }

    func event(
        _ id: EventID, in room: RoomID, for user: UserID, store: StoreTransaction
    ) throws -> (event: PersistedEvent, access: Access) {
        let access = try self.access(of: user, to: room, in: store)
        guard let event = try store.events.event(id, in: room),
            event.isLane ? access.showsLane : access.canSee(event.position), !(ignored(by: user)?.hides(event) ?? false)
        else { throw Self.missingEvent }
        return (try ErasedEvents.shown([event], by: access, in: store).first ?? event, access)
    }
}

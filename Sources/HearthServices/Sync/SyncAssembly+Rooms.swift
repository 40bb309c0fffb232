import HearthStore
import MatrixModel
import SubscriptionCore

/// The rooms that a device follows: joined and peeked ones.
///
/// The rule: the state and then the timeline, applied to what the client had, give the room's state, as far as the state's filter and lazy
/// loading do not leave it out. With ``StateSection/afterTimeline`` the state alone gives it.
extension SyncAssembly {
    /// A room as an answer shows it, and what its events mean for its summary.
    private struct Part {
        var room: SyncRoom
        /// Whether its members may be others, or the way in which it is called.
        var movesSummary = false
        /// Whether it is called by a name; nil while that is not known.
        var isNamed: Bool?
    }

    func joinedRoom(_ plan: RoomPlan, store: StoreTransaction?) throws -> SyncRoom? {
        var part = try part(of: plan, store: store)
        if plan.hasReceipts, let store, filter.ephemeral.includes(type: .receipt, sender: nil) {
            let receipts = try store.receipts.changes(
                in: plan.room, after: plan.isWhole ? .zero : since ?? .zero, upTo: self.plan.position, for: device.user)
            part.room.receipts = shown(receipts, isNew: plan.isWhole)
        }
        part.room.typing = filter.ephemeral.includes(type: .typing, sender: nil) ? plan.typing : nil
        if part.movesSummary, let store { try addSummary(to: &part, store: store) }
        if !plan.isWhole, part.room.isEmpty, !plan.isCountedAnew { return nil }
        part.room.unread = plan.unread
        return part.room
    }

    func peekedRoom(_ plan: RoomPlan, store: StoreTransaction?) throws -> SyncRoom? {
        let room = try part(of: plan, store: store).room
        if !plan.isWhole, room.isEmpty { return nil }
        return room
    }

    private func part(of plan: RoomPlan, store: StoreTransaction?) throws -> Part {
        switch plan.content {
        case .events(let events):
            return try delta(of: plan, events: events, store: store)
        case .stored:
            guard let store, let since else {
                return Part(room: SyncRoom(room: plan.room, prevBatch: SyncToken(self.plan.position)))
            }
            let events = try store.events.newest(
                HistoryPage.longestWalk, in: plan.room, after: since, upTo: self.plan.position)
            guard events.count == HistoryPage.longestWalk, let oldest = events.first else {
                return try delta(of: plan, events: events, store: store)
            }
            // After a very long absence: of what came before the newest events, the state alone.
            let earlier = try store.events.stateChanges(
                in: plan.room, after: since, upTo: StreamPosition(oldest.position.rawValue - 1))
            return try delta(of: plan, events: events, earlierState: earlier, isComplete: false, store: store)
        case .whole:
            guard let store else { return Part(room: SyncRoom(room: plan.room, prevBatch: SyncToken(self.plan.position))) }
            return try whole(plan, store: store)
        }
    }

    // MARK: Known rooms

    /// A room that the device knows: the newest events since then, and the state that changed besides.
    ///
    /// - Parameters:
    ///   - events: all since then, or the newest of them.
    ///   - earlierState: the state events before those, where not all are among them.
    private func delta(
        of plan: RoomPlan, events: [PersistedEvent], earlierState: [PersistedEvent] = [], isComplete: Bool = true,
        store: StoreTransaction?
    ) throws -> Part {
        var cut = TimelineCut(limit: limit, isApplied: !request.stateSection.isAfterTimeline)
        for event in events.reversed() {
            guard cut.take(event, passes: passes(event)) else { break }
        }
        if !isComplete { cut.endEarly() }
        let start = cut.start ?? self.plan.position.next
        let before = StreamPosition(start.rawValue - 1)
        let isAfterTimeline = request.stateSection.isAfterTimeline
        var room = SyncRoom(room: plan.room, prevBatch: SyncToken(before))
        room.isLimited = cut.isLimited
        room.timeline = cut.timeline
        // Whatever edits these events came after them, and is in memory with them.
        room.edits = PersistedEvent.edits(of: room.timeline, among: events)
        var changed: [StateKey: PersistedEvent] = [:]
        for event in earlierState { event.stateIdentity.map { changed[$0] = event } }
        for event in events where isAfterTimeline || event.position < start {
            event.stateIdentity.map { changed[$0] = event }
        }
        if !isAfterTimeline { changed.merge(cut.leftOut) { _, newest in newest } }
        if let store { try addEmptied(by: events, shown: room.timeline, to: &changed, store: store) }
        var state = changed.isEmpty ? [] : changed.values.sorted { $0.position < $1.position }
        if filter.state.lazyLoadsMembers, let store {
            let missing = Set(room.timeline.map(\.sender)).filter { changed[.member($0)] == nil }
            state += try store.events.members(missing, of: plan.room, at: isAfterTimeline ? self.plan.position : before)
        }
        addLane(of: plan, to: &room, state: &state)
        room.state = state.filter(filter.state.includes)
        let movesSummary = events.contains(where: concernsSummary) || earlierState.contains(where: concernsSummary)
        return Part(room: room, movesSummary: movesSummary)
    }

    /// The lane's two events are news of their own: they neither count nor limit. Who was let into the audience gets the lane as it stands.
    private func addLane(of plan: RoomPlan, to room: inout SyncRoom, state: inout [PersistedEvent]) {
        if plan.lane.isEmpty { return }
        if plan.isLaneNew || request.stateSection.isAfterTimeline { state += plan.lane }
        if plan.isLaneNew { return }
        for event in plan.lane {
            if passes(event) {
                room.timeline.append(event)
            } else if !request.stateSection.isAfterTimeline {
                state.append(event)
            }
        }
    }

    /// Adds the state that lost its content by redactions, where the client does not see the redaction or does not apply it.
    private func addEmptied(
        by events: [PersistedEvent], shown: [PersistedEvent], to changed: inout [StateKey: PersistedEvent],
        store: StoreTransaction
    ) throws {
        let isAfterTimeline = request.stateSection.isAfterTimeline
        for redaction in events where redaction.type == .redaction {
            if !isAfterTimeline, shown.contains(where: { $0 === redaction }) { continue }
            guard let target = redaction.content["redacts"]?.stringValue.flatMap({ EventID($0) }),
                let event = try store.events.event(target, in: redaction.roomID), let key = event.stateIdentity,
                changed[key] == nil,
                try store.state.event(key, in: redaction.roomID)?.eventID == target,
                isAfterTimeline || !shown.contains(where: { $0.eventID == target })
            else { continue }
            changed[key] = event
        }
    }

    private func concernsSummary(_ event: PersistedEvent) -> Bool {
        if event.membership != nil { return true }
        guard filter.state.lazyLoadsMembers else { return false }
        return event.type == .name || event.type == .canonicalAlias || event.type == .redaction
    }

    // MARK: New rooms

    /// A room that is new to the device: the newest events, and the whole state. In a profile room everything is state.
    private func whole(_ plan: RoomPlan, store: StoreTransaction) throws -> Part {
        let position = self.plan.position
        if try store.rooms.room(plan.room)?.profileOwner != nil {
            var room = SyncRoom(room: plan.room, prevBatch: SyncToken(position))
            let main = try store.events.state(of: plan.room, at: position)
            room.state = (main + plan.lane).filter(filter.state.includes)
            return Part(room: room)
        }
        let memberEvents = try store.events.history(of: .member(device.user), in: plan.room)
        let memberships = MembershipHistory(memberEvents: memberEvents)
        let visibility = HistoryVisibility(
            visibilityEvents: try store.events.history(of: .historyVisibility, in: plan.room), memberEvents: memberEvents)
        var cut = TimelineCut(limit: limit, isApplied: !request.stateSection.isAfterTimeline)
        let end = try timelineEnd(of: plan, memberships: memberships, store: store)
        try TimelineWalk(
            room: plan.room, visibility: visibility, filter: timelineFilter(isNew: !request.fullState), store: store
        )
        .take(into: &cut, from: position, downTo: end)
        let before = StreamPosition((cut.start ?? position.next).rawValue - 1)
        var room = SyncRoom(room: plan.room, prevBatch: SyncToken(before))
        room.timeline = try ErasedEvents.shown(cut.timeline, to: visibility, in: store)
        room.edits = try store.relations.edits(of: room.timeline, upTo: position)
        // What the client holds of an earlier stay or peek does not go on where this begins.
        let hasOlder = plan.wasPeeked || since.map(memberships.hasDeparted) == true
        room.isLimited = cut.isLimited || (end == .zero && hasOlder)
        let isAfterTimeline = request.stateSection.isAfterTimeline
        let state = try wholeState(
            of: plan.room, at: isAfterTimeline ? position : before, besides: isAfterTimeline ? [:] : cut.leftOut,
            beside: room.timeline, knowing: cut.timeline,
            isKnown: since.map { plan.wasPeeked || memberships.isJoined(at: $0) } ?? false, store: store)
        room.state = state.filter(filter.state.includes)
        return Part(room: room, movesSummary: true, isNamed: Self.isNamed(by: state, room.timeline))
    }

    /// Where the timeline of a whole room ends: at the token, if the client knew the room then, and only asks for its state again or was out of
    /// the room meanwhile.
    private func timelineEnd(
        of plan: RoomPlan, memberships: MembershipHistory, store: StoreTransaction
    ) throws -> StreamPosition {
        guard let since else { return .zero }
        if memberships.isJoined(at: since) { return since }
        guard request.fullState else { return .zero }
        if let stay = memberships.lastStay, stay.ended == nil { return stay.began > since ? .zero : since }
        let peek = try store.peeks.live(of: device.user, in: plan.room).first { $0.device == device }
        return peek.map { $0.started > since } ?? false ? .zero : since
    }

    /// The state at a position, with the newer events that a timeline leaves out. Where members are loaded lazily, of them only those who
    /// are seen to act, and, where the client knew the room at the token, those who changed in the gap.
    private func wholeState(
        of room: RoomID, at position: StreamPosition, besides leftOut: [StateKey: PersistedEvent],
        beside timeline: [PersistedEvent], knowing known: [PersistedEvent], isKnown: Bool, store: StoreTransaction
    ) throws -> [PersistedEvent] {
        if !filter.state.lazyLoadsMembers {
            return Self.state(try store.events.state(of: room, at: position, knowing: known), with: Array(leftOut.values))
        }
        let seen = LazyMembers.seen(in: timeline, by: device.user)
        let isSeen = { (event: PersistedEvent) in
            event.type != .member || event.stateKey.flatMap { UserID($0) }.map(seen.contains) ?? false
        }
        var newer = leftOut.values.filter(isSeen)
        if let since, isKnown {
            newer += try store.events.stateChanges(in: room, after: since, upTo: position).filter { $0.type == .member }
            newer += leftOut.values.filter { !isSeen($0) && $0.position > since }
        }
        return Self.state(try store.events.state(of: room, at: position, members: seen, knowing: known), with: newer)
    }

    /// A state, with the newer of its events where there are any.
    static func state(_ state: [PersistedEvent], with others: [PersistedEvent]) -> [PersistedEvent] {
        if others.isEmpty { return state }
        var newest: [StateKey: PersistedEvent] = [:]
        for event in state + others {
            guard let key = event.stateIdentity, newest[key].map({ $0.position < event.position }) ?? true else { continue }
            newest[key] = event
        }
        return newest.values.sorted { $0.position < $1.position }
    }

    // MARK: Summaries

    private func addSummary(to part: inout Part, store: StoreTransaction) throws {
        let room = part.room.room
        let counts = try store.memberships.counts(in: room)
        var summary = RoomSummary(heroes: nil, joinedCount: counts[.join] ?? 0, invitedCount: counts[.invite] ?? 0)
        if filter.state.lazyLoadsMembers {
            if try !(part.isNamed ?? Self.isNamed(room, store: store)) {
                let heroes = try heroes(of: room, store: store)
                summary.heroes = heroes
                try addMembers(heroes, to: &part.room, store: store)
            }
        } else {
            summary.heroes = try heroes(of: room, store: store)
        }
        part.room.summary = summary
    }

    /// Those by whom a client calls a room. One in which nobody else is any more is called by those who were.
    private func heroes(of room: RoomID, store: StoreTransaction) throws -> [UserID] {
        let heroes = try store.memberships.first(5, in: room, among: [.join, .invite], besides: device.user)
        if !heroes.isEmpty { return heroes }
        return try store.memberships.first(5, in: room, among: Membership.allCases, besides: device.user)
    }

    /// Adds the member events of heroes, where a client loads no others.
    private func addMembers(_ heroes: [UserID], to room: inout SyncRoom, store: StoreTransaction) throws {
        let known = request.stateSection.isAfterTimeline ? room.state : room.state + room.timeline
        for hero in heroes where !known.contains(where: { $0.stateIdentity == .member(hero) }) {
            guard let member = try store.state.event(.member(hero), in: room.room), member.position <= plan.position,
                filter.state.includes(member)
            else { continue }
            room.state.append(member)
        }
    }

    /// Whether a room has a name or an alias to be called by.
    private static func isNamed(_ room: RoomID, store: StoreTransaction) throws -> Bool {
        try isNamed(by: [StateKey(.name), StateKey(.canonicalAlias)].compactMap { try store.state.event($0, in: room) })
    }

    /// - Parameter parts: the events, in stream order.
    private static func isNamed(by parts: [PersistedEvent]...) -> Bool {
        [(EventType.name, "name"), (.canonicalAlias, "alias")].contains { type, member in
            let event = parts.reversed().lazy.compactMap { $0.last { $0.type == type && $0.stateKey == "" } }.first
            return event?.content[member]?.stringValue?.isEmpty == false
        }
    }
}

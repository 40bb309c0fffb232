import HearthStore
import MatrixModel
import SubscriptionCore

/// The rooms that a device follows no more: its user has left them or was removed, or its peek has ended.
extension SyncAssembly {
    /// What a device is shown of such a room, besides how it ended.
    private struct Stretch {
        /// What the client knows already; nil where that is nothing.
        var after: StreamPosition?
        var upTo: StreamPosition
        /// Whether all the state is asked for, and not only what changed.
        var isWhole: Bool
        /// Whether it may begin before what the client holds.
        var beginsAnew = false
        /// Nil where all of it may be seen.
        var visibility: HistoryVisibility?
    }

    func addLeft(to response: inout SyncResponse, store: StoreTransaction) throws {
        for departure in plan.left where filter.includes(departure.room) {
            if try isHidden(departure, store: store) { continue }
            // What is not news is shown only to clients that ask for it.
            let isNews = since.map { departure.end > $0 } ?? false
            guard isNews || filter.includesLeft else {
                if request.startsOver { response.left.append(try endOfMembership(departure, store: store)) }
                continue
            }
            response.left.append(try leftRoom(departure.room, end: departure.end, store: store))
        }
        for room in plan.endedPeeks where filter.includes(room) {
            response.left.append(try leftRoom(room, end: nil, store: store))
        }
    }

    /// - Parameter end: the position of the member event that ended it; nil where a peek has just ended.
    private func leftRoom(_ id: RoomID, end: StreamPosition?, store: StoreTransaction) throws -> SyncRoom {
        let stretch = try stretch(of: id, upTo: end, store: store)
        // How it ended concerns the user, whatever the room shows to those who are out: a ban after a leave is told.
        var farewell: PersistedEvent?
        if let end, stretch.map({ $0.upTo < end }) ?? true { farewell = try store.events.event(at: end) }
        var cut = TimelineCut(limit: limit, isApplied: !request.stateSection.isAfterTimeline)
        var goesOn = true
        if let farewell, farewell.position > since ?? .zero {
            goesOn = cut.take(farewell, passes: passes(farewell))
        }
        if goesOn, let stretch {
            try TimelineWalk(
                room: id, visibility: stretch.visibility, filter: timelineFilter(isNew: stretch.after == nil), store: store
            )
            .take(into: &cut, from: stretch.upTo, downTo: stretch.after ?? .zero)
        }
        let last = [end, stretch?.upTo].compactMap { $0 }.max() ?? plan.position
        let start = cut.start ?? last.next
        let before = StreamPosition(start.rawValue - 1)
        var room = SyncRoom(room: id, prevBatch: SyncToken(before))
        room.timeline = try stretch?.visibility.map { try ErasedEvents.shown(cut.timeline, to: $0, in: store) } ?? cut.timeline
        room.isLimited = cut.isLimited || stretch?.beginsAnew == true
        room.edits = try store.relations.edits(of: room.timeline, upTo: last)
        var others = Array(cut.leftOut.values)
        if let farewell, request.stateSection.isAfterTimeline || farewell.position < start { others.append(farewell) }
        var state: [PersistedEvent] = []
        if let stretch {
            let point = request.stateSection.isAfterTimeline ? stretch.upTo : min(before, stretch.upTo)
            if stretch.isWhole {
                state = try store.events.state(of: id, at: point)
            } else {
                others += try store.events.stateChanges(in: id, after: stretch.after ?? .zero, upTo: point)
                if filter.state.lazyLoadsMembers {
                    others += try store.events.members(Set(cut.timeline.map(\.sender)), of: id, at: point)
                }
            }
        }
        room.state = Self.state(state, with: others).filter(filter.state.includes)
        return room
    }

    /// Nil where the client knows all that the device may see: only an invitation has ended, or a ban followed a leave.
    private func stretch(of room: RoomID, upTo end: StreamPosition?, store: StoreTransaction) throws -> Stretch? {
        if let end {
            let memberEvents = try store.events.history(of: .member(device.user), in: room).filter { $0.position <= end }
            let memberships = MembershipHistory(memberEvents: memberEvents)
            if let stay = memberships.lastStay, let ended = stay.ended,
                request.fullState || ended > since ?? .zero
            {
                let visibility = HistoryVisibility(
                    visibilityEvents: try store.events.history(of: .historyVisibility, in: room), memberEvents: memberEvents)
                // Also who left and joined again since then knows the room.
                let after = since.flatMap { stay.began <= $0 || memberships.isJoined(at: $0) ? $0 : nil }
                let isReadable = visibility.setting(at: end) == .worldReadable
                return Stretch(
                    after: after, upTo: isReadable ? end : ended, isWhole: request.fullState || after == nil,
                    beginsAnew: after == nil && since.map(memberships.hasDeparted) == true, visibility: visibility)
            }
        }
        guard let since, let peekEnd = plan.peekEnds[room] else { return nil }
        return Stretch(after: since, upTo: max(since, peekEnd), isWhole: false)
    }
}

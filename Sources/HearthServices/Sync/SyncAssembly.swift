import HearthStore
import MatrixModel
import PushCore
import SubscriptionCore

/// Makes the rooms and account data of a sync's answer from its plan; reads from the store only what memory does not hold.
struct SyncAssembly: Sendable {
    static let defaultLimit = 10
    static let highestLimit = 500

    let plan: SyncPlan
    private(set) var request: SyncRequest
    /// What the client continues from; nil for an initial sync.
    let token: SyncToken?
    let device: DeviceKey
    private var since: StreamPosition? { token?.position }
    /// Up to where the device has got its messages.
    var delivered: StreamPosition { token?.delivered ?? .zero }

    init(plan: SyncPlan, request: SyncRequest, since: SyncToken?, device: DeviceKey) {
        self.plan = plan
        token = since
        self.device = device
        self.request = request
        self.request.filter.timeline.ignored = ignored(isNew: false)
    }

    private var filter: SyncFilter { request.filter }
    private var limit: Int { min(filter.timeline.limit ?? Self.defaultLimit, Self.highestLimit) }

    /// Whether the plan names anything that is not in memory.
    var needsStore: Bool {
        if plan.hasAccountData || !plan.invited.isEmpty || !plan.left.isEmpty || filter.state.lazyLoadsMembers { return true }
        if plan.hasToDevice { return true }
        return (plan.joined + plan.peeked).contains { room in
            if room.hasReceipts { return true }
            guard case .events(let events) = room.content else { return true }
            return events.contains { $0.membership != nil }
        }
    }

    /// Whether a response that this plan became holds presence and status alone: a peek's first state is more than that, whatever a
    /// filter leaves of it.
    func isPresenceOnly(_ response: SyncResponse) -> Bool {
        response.isPresenceOnly && !plan.peeked.contains(where: \.isWhole)
    }

    /// - Parameter store: nil when ``needsStore`` is false.
    func response(reading store: StoreTransaction?) throws -> SyncResponse {
        var response = SyncResponse(
            nextBatch: SyncToken(plan.position, ephemeral: plan.ephemeralPosition), keyCounts: plan.keyCounts)
        response.hasNewKeyCounts = plan.hasNewKeyCounts
        response.changedDeviceLists = plan.changedDeviceLists
        response.leftDeviceLists = plan.leftDeviceLists
        response.joined = try plan.joined.filter { filter.includes($0.room) }.compactMap { try joinedRoom($0, store: store) }
        response.peeked = try plan.peeked.filter { filter.includes($0.room) }.compactMap { try peekedRoom($0, store: store) }
        if let store {
            try addInvited(to: &response, store: store)
            try addLeft(to: &response, store: store)
            if plan.hasAccountData { try addAccountData(to: &response, store: store) }
            if plan.hasToDevice { try addToDevice(to: &response, store: store) }
        }
        addPushRules(to: &response)
        for room in plan.endedPeeks where filter.includes(room) {
            response.left.append(SyncRoom(room: room, prevBatch: SyncToken(plan.position)))
        }
        return response
    }

    // MARK: Joined and peeked rooms

    private func joinedRoom(_ plan: RoomPlan, store: StoreTransaction?) throws -> SyncRoom? {
        var room = try room(plan, store: store)
        if plan.hasReceipts, let store, filter.ephemeral.includes(type: .receipt, sender: nil) {
            let receipts = try store.receipts.changes(
                in: plan.room, after: isNew(plan) ? .zero : since ?? .zero, upTo: self.plan.position, for: device.user)
            room.receipts = shown(receipts, isNew: isNew(plan))
        }
        room.typing = filter.ephemeral.includes(type: .typing, sender: nil) ? plan.typing : nil
        if case .events = plan.content, room.isEmpty, !plan.isCountedAnew { return nil }
        room.unread = plan.unread
        if let store, isNew(plan) || room.timeline.contains(where: { $0.membership != nil }) {
            let summary = try summary(of: plan.room, store: store)
            room.summary = summary
            if filter.state.lazyLoadsMembers { try addHeroes(summary.heroes, to: &room, store: store) }
        }
        return room
    }

    private func peekedRoom(_ plan: RoomPlan, store: StoreTransaction?) throws -> SyncRoom? {
        let room = try room(plan, store: store)
        if !isNew(plan), room.isEmpty { return nil }
        return room
    }

    private func isNew(_ plan: RoomPlan) -> Bool {
        if case .whole = plan.content { true } else { false }
    }

    private func room(_ plan: RoomPlan, store: StoreTransaction?) throws -> SyncRoom {
        switch plan.content {
        case .events(let events):
            return try delta(of: plan, events: events, store: store)
        case .stored:
            guard let store, let since else { return SyncRoom(room: plan.room, prevBatch: SyncToken(self.plan.position)) }
            let events = try store.events.newest(
                HistoryPage.longestWalk, in: plan.room, after: since, upTo: self.plan.position)
            guard events.count == HistoryPage.longestWalk, let oldest = events.first else {
                return try delta(of: plan, events: events, store: store)
            }
            // After a very long absence: of what came before the newest events, the state alone.
            let before = try store.events.stateChanges(
                in: plan.room, after: since, upTo: StreamPosition(oldest.position.rawValue - 1))
            var room = try delta(of: plan, events: before + events, store: store)
            room.isLimited = true
            return room
        case .whole:
            guard let store else { return SyncRoom(room: plan.room, prevBatch: SyncToken(self.plan.position)) }
            return try whole(plan, store: store)
        }
    }

    /// A room that the device knows: the newest events since then, and the state that changed before them.
    private func delta(of plan: RoomPlan, events: [PersistedEvent], store: StoreTransaction?) throws -> SyncRoom {
        let wanted = events.filter(filter.timeline.includes)
        let newest = wanted.suffix(limit)
        let start = newest.first?.position ?? self.plan.position.next
        var room = SyncRoom(room: plan.room, prevBatch: SyncToken(StreamPosition(start.rawValue - 1)))
        room.isLimited = wanted.count > limit
        // The lane's two events are news of their own: they neither count nor limit.
        // Whatever edits these events came after them, and is in memory with them.
        room.edits = PersistedEvent.edits(of: Array(newest), among: events)
        room.timeline = newest + (plan.isLaneNew ? [] : plan.lane.filter(filter.timeline.includes))
        var changed: [StateKey: PersistedEvent] = [:]
        for event in events where event.position < start {
            if let key = event.stateIdentity { changed[key] = event }
        }
        var state = changed.values.sorted { $0.position < $1.position }
        if filter.state.lazyLoadsMembers, let store {
            state = LazyMembers.reduce(state, to: room.timeline, reader: device.user)
            for sender in Set(room.timeline.map(\.sender)) where changed[.member(sender)] == nil {
                if let member = try store.state.event(.member(sender), in: plan.room), member.position < start {
                    state.append(member)
                }
            }
        }
        // Who was let into the audience gets the lane as it stands.
        if plan.isLaneNew { state += plan.lane }
        room.state = state.filter(filter.state.includes)
        return room
    }

    /// A room that is new to the device: the newest events, and the whole state before them. In a profile room everything is state.
    private func whole(_ plan: RoomPlan, store: StoreTransaction) throws -> SyncRoom {
        let access = try RoomReader.access(of: device.user, to: plan.room, in: store)
        if access.isProfileRoom {
            var room = SyncRoom(room: plan.room, prevBatch: SyncToken(self.plan.position))
            let main = try store.events.state(of: plan.room, at: self.plan.position)
            room.state = (main + plan.lane).filter(filter.state.includes)
            return room
        }
        let after = request.fullState ? since ?? .zero : .zero
        let page = try HistoryPage(
            room: plan.room, access: access, filter: timelineFilter(isNew: !request.fullState), store: store
        )
        .backwards(from: self.plan.position, to: after, limit: limit)
        let timeline = Array(page.events.reversed())
        let start = timeline.first?.position ?? self.plan.position.next
        var room = SyncRoom(room: plan.room, prevBatch: SyncToken(StreamPosition(start.rawValue - 1)))
        room.timeline = timeline
        room.edits = try store.relations.edits(of: timeline, upTo: self.plan.position)
        room.isLimited = page.end != nil
        let before = StreamPosition(start.rawValue - 1)
        let state =
            filter.state.lazyLoadsMembers
            ? try store.events.state(of: plan.room, at: before, members: LazyMembers.seen(in: timeline, by: device.user))
            : try store.events.state(of: plan.room, at: before)
        room.state = state.filter(filter.state.includes)
        return room
    }

    private func summary(of room: RoomID, store: StoreTransaction) throws -> RoomSummary {
        // A room in which nobody else is any more is called by those who were.
        var heroes = try store.memberships.first(5, in: room, among: [.join, .invite], besides: device.user)
        if heroes.isEmpty { heroes = try store.memberships.first(5, in: room, among: Membership.allCases, besides: device.user) }
        let counts = try store.memberships.counts(in: room)
        return RoomSummary(heroes: heroes, joinedCount: counts[.join] ?? 0, invitedCount: counts[.invite] ?? 0)
    }

    /// Adds the member events of those by whom a client names a room, where it loads no others.
    private func addHeroes(_ heroes: [UserID], to room: inout SyncRoom, store: StoreTransaction) throws {
        for hero in heroes where !(room.state + room.timeline).contains(where: { $0.stateIdentity == .member(hero) }) {
            guard let member = try store.state.event(.member(hero), in: room.room), member.position <= plan.position,
                filter.state.includes(member)
            else { continue }
            room.state.append(member)
        }
    }

    // MARK: Invited and left rooms

    private static let shownInInvitations: [EventType] = [
        .create, .name, .avatar, .topic, .joinRules, .canonicalAlias, .encryption,
    ]

    /// How large an event is, as it is stored, that an invitation shows. Nobody has asked for it: what is larger is left out.
    private static let largestInInvitation = 8_192

    private func addInvited(to response: inout SyncResponse, store: StoreTransaction) throws {
        for room in plan.invited where filter.includes(room) {
            func shown(_ key: StateKey) throws -> StrippedEvent? {
                try store.state.event(key, in: room, upTo: Self.largestInInvitation).flatMap(StrippedEvent.init)
            }
            var state = try Self.shownInInvitations.compactMap { try shown(StateKey($0)) }
            let own = StateKey.member(device.user)
            if let inviter = try store.state.sender(of: own, in: room) {
                if try isHidden(invitationBy: inviter, to: room, store: store) { continue }
                if inviter != device.user, let member = try shown(.member(inviter)) { state.append(member) }
                // That there is an invitation is told whatever stands in it.
                state.append(
                    try shown(own) ?? StrippedEvent(key: own, sender: inviter, content: ["membership": "invite"]))
            }
            response.invited.append(InvitedRoom(room: room, state: state))
        }
    }

    private func addLeft(to response: inout SyncResponse, store: StoreTransaction) throws {
        for departure in plan.left where filter.includes(departure.room) {
            // An initial sync shows left rooms only to clients that ask for them.
            if since == nil && !filter.includesLeft { continue }
            response.left.append(try leftRoom(departure, store: store))
        }
    }

    private func leftRoom(_ departure: DeparturePlan, store: StoreTransaction) throws -> SyncRoom {
        var room = SyncRoom(room: departure.room, prevBatch: SyncToken(departure.end))
        guard departure.wasJoined else {
            room.timeline = try store.events.event(at: departure.end).map { [$0] } ?? []
            return room
        }
        let access = try RoomReader.access(of: device.user, to: departure.room, in: store)
        let after = departure.isNew ? .zero : since ?? .zero
        let page = try HistoryPage(
            room: departure.room, access: access, filter: timelineFilter(isNew: departure.isNew), store: store
        )
        .backwards(from: departure.end, to: after, limit: limit)
        room.timeline = page.events.reversed()
        room.edits = try store.relations.edits(of: room.timeline, upTo: departure.end)
        // How it ended concerns the user, whatever the room shows to those who are out: a ban after a leave is told.
        if room.timeline.last?.position != departure.end, let end = try store.events.event(at: departure.end) {
            room.timeline.append(end)
        }
        room.isLimited = page.end != nil
        let start = room.timeline.first?.position ?? departure.end.next
        let before = StreamPosition(start.rawValue - 1)
        room.prevBatch = SyncToken(before)
        let state =
            if departure.isNew {
                try store.events.state(of: departure.room, at: before)
            } else {
                try store.events.stateChanges(in: departure.room, after: after, upTo: before)
            }
        room.state = state.filter(filter.state.includes)
        return room
    }

    // MARK: Account data

    /// Everybody has push rules, stored or not: the first answer tells them.
    private func addPushRules(to response: inout SyncResponse) {
        guard since == nil || request.fullState, filter.accountData.includes(type: .pushRules, sender: nil),
            !response.accountData.contains(where: { $0.type == .pushRules })
        else { return }
        response.accountData.append(
            AccountDataItem(type: .pushRules, content: PushRuleset.accountData(stored: nil, of: device.user)))
    }

    private func addAccountData(to response: inout SyncResponse, store: StoreTransaction) throws {
        let after = request.fullState ? .zero : since ?? .zero
        for data in try store.accountData.changes(of: device.user, after: after, upTo: plan.position) {
            let isPushRules = data.type == .pushRules && data.room == nil
            let content = isPushRules ? PushRuleset.accountData(stored: data.content, of: device.user) : data.content
            let item = AccountDataItem(type: data.type, content: content)
            guard let roomID = data.room else {
                if filter.accountData.includes(type: data.type, sender: nil) { response.accountData.append(item) }
                continue
            }
            guard filter.roomAccountData.includes(type: data.type, sender: nil), filter.includes(roomID) else { continue }
            if let index = response.joined.firstIndex(where: { $0.room == roomID }) {
                response.joined[index].accountData.append(item)
            } else if try store.memberships.membership(of: device.user, in: roomID)?.membership == .join {
                var room = SyncRoom(room: roomID, prevBatch: SyncToken(plan.position))
                room.accountData = [item]
                response.joined.append(room)
            }
        }
    }
}

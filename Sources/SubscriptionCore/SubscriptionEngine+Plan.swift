public import MatrixModel

extension SubscriptionEngine {
    /// What is new for a device. Without `since`, everything (an initial sync).
    ///
    /// Cost: one comparison of numbers for each room that the user has joined and each room that the device peeks (``RoomNews``);
    /// the rest by what changed.
    ///
    /// - Parameters:
    ///   - delivered: up to where the device has got its messages; nil where that is `since`.
    ///   - profileFields: what the client wants to know of profiles.
    ///   - asksAnew: whether it asked for other fields, or for none, at `since`.
    public func plan(
        for device: DeviceKey, since: StreamPosition?, delivered: StreamPosition? = nil, typingSince: EphemeralPosition? = nil,
        legacyPresence: Bool, profileFields: ProfileFields = ProfileFields(), asksAnew: Bool = false
    ) -> SyncPlan {
        var plan = SyncPlan(position: position)
        let user = users[device.user] ?? UserEntry()
        let peeks = devices[device] ?? PeekEntry()
        plan.ignored = ignored(by: device.user)
        let isIgnoringNew = plan.ignored.map { $0.lastChange > since ?? .zero } ?? false
        let fresh =
            isIgnoringNew
            ? user.joinedNumbers
            : freshRooms(of: user, since: since, typingSince: typingSince, countsPresence: legacyPresence)
        planJoined(
            user, fresh: fresh, device: device, peeks: peeks, since: since, typingSince: typingSince,
            isIgnoringNew: isIgnoringNew,
            into: &plan)
        planOthers(user, since: since, into: &plan)
        planPeeks(peeks, user: user, since: since, into: &plan)
        // For a first sync both of what follows looks at all of them.
        let contacts = since == nil && (legacyPresence || !profileFields.isEmpty) ? contacts(of: device.user) : []
        if legacyPresence {
            planPresence(of: user, fresh: fresh, contacts: contacts, device: device, since: since, into: &plan)
        }
        if !profileFields.isEmpty {
            planProfiles(
                profileFields, asksAnew: asksAnew, of: device.user, user, fresh: fresh, contacts: contacts, since: since,
                into: &plan)
        }
        planDevice(device, user: user, fresh: fresh, since: since, delivered: delivered ?? since ?? .zero, into: &plan)
        if ephemeralPosition > ephemeralStart { plan.ephemeralPosition = ephemeralPosition }
        plan.hasAccountData = user.lastAccountData > (since ?? .zero)
        return plan
    }

    /// Notes in a plan of everything, made for a client that asks for the state of all rooms again, which of them it peeked into at its last sync.
    public func notePeeks(of device: DeviceKey, at since: StreamPosition, in plan: inout SyncPlan) {
        guard let peeks = devices[device] else { return }
        func wasPeeked(_ room: RoomID) -> Bool {
            peeks.hasPeeked(room, at: since) || peeks.live[room].map { $0.started <= since } == true
        }
        for index in plan.joined.indices { plan.joined[index].wasPeeked = wasPeeked(plan.joined[index].room) }
        for index in plan.peeked.indices { plan.peeked[index].wasPeeked = wasPeeked(plan.peeked[index].room) }
    }

    /// The joined rooms in which anything may be new; all of them for an initial sync.
    private func freshRooms(
        of user: UserEntry, since: StreamPosition?, typingSince: EphemeralPosition?, countsPresence: Bool
    ) -> [RoomNumber] {
        guard let since else { return user.joinedNumbers }
        return user.joinedNumbers.filter {
            news.hasMain($0, after: since) || countsPresence && news.hasLane($0, after: since)
                || hasTypingNews($0, since: typingSince)
        }
    }

    private func planJoined(
        _ user: UserEntry, fresh: [RoomNumber], device: DeviceKey, peeks: PeekEntry, since: StreamPosition?,
        typingSince: EphemeralPosition?, isIgnoringNew: Bool, into plan: inout SyncPlan
    ) {
        let ignored = plan.ignored
        for number in fresh {
            // Where presence is all that is new, the room itself need not be looked up.
            if let since, !isIgnoringNew, !news.hasMain(number, after: since), !hasTypingNews(number, since: typingSince) {
                continue
            }
            let room = news.room(number)
            guard let joinedAt = user.joined[room], let entry = rooms[room] else { continue }
            let content: RoomPlan.Content
            let hasReceipts = entry.hasReceipts(after: since ?? .zero, for: device.user)
            let typing: [UserID]?
            var isCountedAnew = false
            if let since, joinedAt <= since || peeks.hasPeeked(room, since: since, untilJoinAt: joinedAt) {
                typing = typingNews(
                    in: entry, number, isWhole: false, since: typingSince, ignored: ignored, isIgnoringNew: isIgnoringNew)
                if isIgnoringNew, let ignored {
                    isCountedAnew = entry.unread.areCountedAnew(for: device.user, ignored, after: since)
                }
                guard entry.lastPosition > since || hasReceipts || typing != nil || isCountedAnew else { continue }
                content = entry.events(after: since).map { .events($0) } ?? .stored
            } else {
                content = .whole
                typing = typingNews(in: entry, number, isWhole: true, since: nil, ignored: ignored)
            }
            let unread = entry.unread.counts(for: device.user, besides: ignored)
            var joined = RoomPlan(
                room: room, content: content, lane: [], unread: unread, isCountedAnew: isCountedAnew, hasReceipts: hasReceipts,
                typing: typing)
            if case .whole = content, let since { joined.wasPeeked = peeks.hasPeeked(room, at: since) }
            plan.joined.append(joined)
        }
    }

    private func planOthers(_ user: UserEntry, since: StreamPosition?, into plan: inout SyncPlan) {
        guard user.lastInvitedOrLeft > since ?? .zero else { return }
        for (room, position) in user.invited where position > since ?? .zero { plan.invited.append(room) }
        for (room, departure) in user.left where departure.position > since ?? .zero {
            plan.left.append(DeparturePlan(room: room, end: departure.position))
        }
    }

    private func planPeeks(_ peeks: PeekEntry, user: UserEntry, since: StreamPosition?, into plan: inout SyncPlan) {
        for row in peeks.rows where isFresh(row, since: since) {
            let room = news.room(row.number)
            let lane = row.laneSince == nil ? nil : profileOwners[room].flatMap { lanes[$0] }
            guard let since, row.started <= since else {
                var peeked = RoomPlan(room: room, content: .whole, lane: lane?.events(after: .zero) ?? [])
                if let since { peeked.wasPeeked = peeks.hasPeeked(room, at: since) }
                plan.peeked.append(peeked)
                continue
            }
            let isLaneNew = row.laneSince.map { $0 > since } ?? false
            let laneNews = lane?.events(after: isLaneNew ? .zero : since) ?? []
            // Likewise.
            let entry = news.hasMain(row.number, after: since) ? rooms[room] : nil
            var content = RoomPlan.Content.events([])
            if let entry, entry.lastPosition > since {
                content = entry.events(after: since).map { .events($0) } ?? .stored
            } else if laneNews.isEmpty {
                continue
            }
            plan.peeked.append(
                RoomPlan(room: room, content: content, lane: laneNews, isLaneNew: isLaneNew && !laneNews.isEmpty))
        }
        if !peeks.live.isEmpty {
            // A room that is peeked into stands there alone: its state says what the user is to it, and the end of the peek shows it there.
            plan.left.removeAll { peeks.live[$0.room] != nil }
            plan.invited.removeAll { peeks.live[$0] != nil }
        }
        if let since { planEnds(of: peeks, user: user, since: since, into: &plan) }
    }

    /// Where the rooms go in which a peek has ended: to those left, or, of an invited user, to the invitations.
    private func planEnds(of peeks: PeekEntry, user: UserEntry, since: StreamPosition, into plan: inout SyncPlan) {
        for end in peeks.ends(after: since) {
            let room = end.room
            guard peeks.live[room] == nil, user.joined[room] == nil, plan.peekEnds[room] == nil else { continue }
            plan.peekEnds[room] = end.position
            if user.invited[room] != nil {
                if !plan.invited.contains(room) { plan.invited.append(room) }
            } else if !plan.left.contains(where: { $0.room == room }) {
                plan.endedPeeks.append(room)
            }
        }
    }

    private func isFresh(_ row: PeekEntry.Row, since: StreamPosition?) -> Bool {
        guard let since else { return true }
        return row.started > since || row.laneSince ?? .zero > since || news.hasLane(row.number, after: since)
            || news.hasMain(row.number, after: since)
    }

    private func planPresence(
        of user: UserEntry, fresh: [RoomNumber], contacts: Set<UserID>, device: DeviceKey, since: StreamPosition?,
        into plan: inout SyncPlan
    ) {
        guard let since else {
            plan.presence = contacts.filter { lanes[$0] != nil && canSee(device.user, laneOf: $0) }
            return
        }
        var changed: Set<UserID> = []
        var lost: Set<UserID> = []
        if let own = lanes[device.user], own.position > since { changed.insert(device.user) }
        for number in fresh {
            let room = news.room(number)
            guard let joinedAt = user.joined[room], let entry = rooms[room] else { continue }
            if joinedAt > since {
                changed.formUnion(entry.joined.keys.filter { lanes[$0] != nil })
            } else if let moves = entry.laneMoves(after: since) {
                changed.formUnion(moves.filter { entry.joined[$0] != nil })
            } else {
                for (member, memberSince) in entry.joined {
                    guard let lane = lanes[member] else { continue }
                    if lane.position > since || memberSince > since { changed.insert(member) }
                }
            }
        }
        if !changed.isEmpty { changed = changed.filter { canSee(device.user, laneOf: $0) } }
        if let log = sightLogs[device.user] {
            if log.start > since {
                let sights = sightsAnew(of: device.user, since: since)
                changed.formUnion(sights.seen)
                lost.formUnion(sights.unseen)
            }
            for turn in log.turns(after: since) {
                let isSeen = seesLegacyPresence(device.user, of: turn.owner)
                if isSeen, turn.isGain, lanes[turn.owner] != nil { changed.insert(turn.owner) }
                if !isSeen, !turn.isGain, lanes[turn.owner] != nil { lost.insert(turn.owner) }
            }
        }
        if since < startPosition, let ignored = plan.ignored {
            let turns = presenceTurns(of: device.user, by: ignored, since: since)
            changed.formUnion(turns.gained)
            lost.formUnion(turns.lost)
        }
        plan.presence = Array(changed)
        plan.lostPresence = Array(lost)
    }
}

public import MatrixModel

/// Profile fields in `/sync` ([MSC4429](https://github.com/matrix-org/matrix-spec-proposals/pull/4429)): told to everybody who shares a room,
/// the fields that follow the audience only to it.
extension SubscriptionEngine {
    /// Whether programs have ever written anything into a user's profile.
    public func hasProgramFields(_ user: UserID) -> Bool { programFields[user] != nil }

    /// What a viewer sees of a field that follows the audience; nil where there is nothing, or nothing for this viewer. Nobody logged in (nil)
    /// is outside.
    public func content(of field: AudienceField, of owner: UserID, for viewer: UserID?) -> JSONObject? {
        guard let viewer, canSee(viewer, laneOf: owner) else { return nil }
        return standing(field, of: owner, for: viewer).content
    }

    // MARK: Following the stream

    mutating func noteProfileChange(of user: UserID, at position: StreamPosition, waking woken: inout Set<WaiterID>) {
        profileLog.note(user, at: position)
        waiters.collect(user, for: .profile, into: &woken)
        for room in (users[user]?.joined ?? [:]).keys {
            news.noteLane(in: room, at: position)
            if waiters.profileReaders > 0 { collectMembers(of: room, for: .profile, into: &woken) }
        }
    }

    mutating func setProgramField(
        _ field: AudienceField, of user: UserID, to value: ProgramField, at position: StreamPosition,
        waking woken: inout Set<WaiterID>
    ) {
        programFields[user, default: ProgramFields()][field] = value
        noteProfileChange(of: user, at: position, waking: &woken)
    }

    // MARK: Planning

    /// - Parameters:
    ///   - asksAnew: whether the client did not ask for the same fields at `since`: all their values come once more.
    ///   - fresh: the joined rooms that have news.
    ///   - contacts: everybody who shares a room, for a first sync.
    func planProfiles(
        _ fields: ProfileFields, asksAnew: Bool, of viewer: UserID, _ user: UserEntry, fresh: [RoomNumber],
        contacts: Set<UserID>, since: StreamPosition?, into plan: inout SyncPlan
    ) {
        guard let since else {
            let look = ProfileLook(fields: fields, viewer: viewer, since: nil)
            for owner in contacts { look.add(owner, in: self, isWhole: true, to: &plan) }
            return
        }
        var look = ProfileLook(fields: fields, viewer: viewer, since: since, asksAnew: asksAnew)
        var concerned: Set<UserID> = []
        var begun: Set<UserID> = []
        var gone: Set<UserID> = []
        for number in fresh where news.hasMain(number, after: since) {
            let room = news.room(number)
            guard let joinedAt = user.joined[room], let entry = rooms[room], entry.lastMembershipChange > since else { continue }
            for (member, position) in entry.joined where member != viewer && (joinedAt > since || position > since) {
                if !sharedRoom(viewer, member, by: since) {
                    begun.insert(member)
                } else if sharings[member]?.allowedRooms.contains(room) == true {
                    // They met before, but in no room whose members see the presence.
                    look.gained.insert(member)
                }
            }
            gone.formUnion(entry.departures(after: since))
            if since < startPosition { plan.roomsLeftBySomebody.append(room) }
        }
        if user.lastInvitedOrLeft > since {
            for (room, departure) in user.left where departure.position > since && departure.wasJoined {
                guard let entry = rooms[room] else { continue }
                gone.formUnion(entry.joined.keys)
                gone.formUnion(entry.departures(after: since))
                if since < startPosition { plan.roomsLeftBySomebody.append(room) }
            }
        }
        for turn in sightLogs[viewer]?.turns(after: since) ?? [] {
            concerned.insert(turn.owner)
            if turn.isGain { look.gained.insert(turn.owner) } else { look.lost.insert(turn.owner) }
        }
        concerned.formUnion(begun.union(look.gained))
        if asksAnew || (sightLogs[viewer]?.start ?? .zero) > since {
            look.lost = self.contacts(of: viewer)
            concerned.formUnion(look.lost)
        } else {
            if since < startPosition {
                // Who began or ceased to see whom before the start is not known: policies may have changed, and whom the viewer ignores.
                look.lost.formUnion(sharings.keys.filter { shareRoom(viewer, $0) })
                if let ignored = plan.ignored {
                    let turned = ignored.users.union(ignored.endings.keys)
                    look.lost.formUnion(turned.filter { ignored.mayHaveChanged(for: $0, after: since) && shareRoom(viewer, $0) })
                }
                concerned.formUnion(look.lost)
            }
            // Every change is noted in the rooms of whom it concerns: nearly always that is all there is to see.
            if ownProfilePosition(of: viewer) > since || user.joinedNumbers.contains(where: { news.hasLane($0, after: since) }) {
                concerned.formUnion(profileLog.changed(after: since) ?? self.contacts(of: viewer))
            }
        }
        for owner in concerned where shareRoom(viewer, owner) {
            look.add(owner, in: self, isWhole: asksAnew || begun.contains(owner), to: &plan)
        }
        for owner in gone where !shareRoom(viewer, owner) {
            var profile = ProfilePlan(user: owner, room: nil)
            profile.isGone = true
            plan.profiles.append(profile)
        }
    }

    /// Whether two users who share a room now had one of their rooms in common at a position already.
    private func sharedRoom(_ one: UserID, _ other: UserID, by position: StreamPosition) -> Bool {
        guard let mine = users[one]?.joined, let theirs = users[other]?.joined else { return false }
        let (few, many) = mine.count <= theirs.count ? (mine, theirs) : (theirs, mine)
        return few.contains { room, joined in joined <= position && many[room].map { $0 <= position } ?? false }
    }

    /// Where one's own profile last changed.
    private func ownProfilePosition(of user: UserID) -> StreamPosition {
        let program = programFields[user]
        return max(
            users[user]?.profilePosition ?? .zero, lanes[user]?.status?.position ?? .zero, program?.call?.position ?? .zero,
            program?.richPresence?.position ?? .zero)
    }

    /// A field as it stands for a viewer inside the audience, and where that last changed.
    fileprivate func standing(
        _ field: AudienceField, of owner: UserID, for viewer: UserID
    ) -> (content: JSONObject?, position: StreamPosition) {
        guard field == .status else {
            guard let value = programFields[owner]?[field] else { return (nil, .zero) }
            return viewer == owner ? (value.content, value.position) : (value.shownContent, value.shownPosition)
        }
        guard let event = lanes[owner]?.status else { return (nil, .zero) }
        return (ProfileStatus.view(of: event.content), event.position)
    }
}

/// One device's look at the profiles of those whom its user shares rooms with.
private struct ProfileLook {
    let fields: ProfileFields
    let viewer: UserID
    let since: StreamPosition?
    var asksAnew = false
    /// Whom the viewer began to see, or may have ceased to see, after `since`.
    var gained: Set<UserID> = []
    var lost: Set<UserID> = []

    /// Adds what is news of one user, if anything is.
    func add(_ owner: UserID, in engine: SubscriptionEngine, isWhole: Bool, to plan: inout SyncPlan) {
        var profile = ProfilePlan(user: owner, room: fields.others.isEmpty ? nil : engine.profileRooms[owner])
        var sees: Bool?
        for field in fields.audience.keys {
            let standing = engine.standing(field, of: owner, for: viewer)
            // Most users have never said anything.
            if standing.position == .zero, !lost.contains(owner) { continue }
            let isSeen = sees ?? engine.canSee(viewer, laneOf: owner)
            sees = isSeen
            profile.audience[field] = news(of: standing, from: owner, isSeen: isSeen, isWhole: isWhole)
        }
        if profile.room != nil {
            let hasChanged = since.map { engine.users[owner]?.profilePosition ?? .zero > $0 } ?? false
            profile.others =
                asksAnew ? .anew : isWhole ? (hasChanged ? .wholeAndChanged : .whole) : (hasChanged ? .changed : .unchanged)
        }
        if !profile.isEmpty { plan.profiles.append(profile) }
    }

    /// Whoever is outside the audience is told the same whatever stands there.
    private func news(
        of standing: (content: JSONObject?, position: StreamPosition), from owner: UserID, isSeen: Bool, isWhole: Bool
    ) -> ProfilePlan.News? {
        guard isSeen else { return lost.contains(owner) ? .removed : nil }
        guard let since else { return standing.content.map { .value($0) } }
        if let content = standing.content {
            let isNews = standing.position > since || isWhole || gained.contains(owner) || lost.contains(owner)
            return isNews ? .value(content) : nil
        }
        return standing.position > since || asksAnew && standing.position > .zero ? .removed : nil
    }
}

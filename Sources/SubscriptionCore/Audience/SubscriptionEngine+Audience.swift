public import MatrixModel

/// Who sees whose presence, from memory.
extension SubscriptionEngine {
    /// Whether a user is in the audience of another, the one rule ``Audience``, and does not ignore that other.
    public func canSee(_ viewer: UserID, laneOf owner: UserID) -> Bool {
        if ignores(viewer, owner) { return false }
        let rooms = JoinedByBoth(viewer: users[viewer]?.joined ?? [:], owner: users[owner]?.joined ?? [:], rooms: self.rooms)
        return audience.includes(viewer, of: owner, sharing: sharings[owner] ?? .unset, rooms: rooms)
    }

    /// Whether a user is told of another's presence the old way: inside the audience, and through a shared room.
    public func seesLegacyPresence(_ viewer: UserID, of owner: UserID) -> Bool {
        shareRoom(viewer, owner) && canSee(viewer, laneOf: owner)
    }

    // MARK: Turns

    /// Whether a user has ever published anything that only an audience sees.
    func isSomethingToSee(of owner: UserID) -> Bool { lanes[owner] != nil || programFields[owner] != nil }

    /// Makes a change and notes for which of the sights it made a difference; wakes their viewers.
    mutating func followSights(
        of sights: [Sight], at position: StreamPosition, waking woken: inout Set<WaiterID>, _ change: (inout Self) -> Void
    ) {
        let before = sights.map { seesLegacyPresence($0.viewer, of: $0.owner) }
        change(&self)
        for (sight, saw) in zip(sights, before) {
            let sees = seesLegacyPresence(sight.viewer, of: sight.owner)
            guard sees != saw else { continue }
            sightLogs[sight.viewer, default: SightLog()].append(
                SightLog.Turn(owner: sight.owner, position: position, isGain: sees))
            waiters.collect(sight.viewer, into: &woken)
        }
    }

    /// Whose presence a viewer sees and whose not, where the log does not say any more what has changed since a position.
    ///
    /// Named are only users whom the viewer shares a room with or shared one with since then: nobody learns of anybody else.
    func sightsAnew(of viewer: UserID, since: StreamPosition) -> (seen: Set<UserID>, unseen: Set<UserID>) {
        guard let user = users[viewer] else { return ([], []) }
        var known = contacts(of: viewer)
        for room in user.joined.keys {
            if let entry = rooms[room] { known.formUnion(entry.departures(after: since)) }
        }
        for (room, departure) in user.left where departure.position > since && departure.wasJoined {
            guard let entry = rooms[room] else { continue }
            known.formUnion(entry.joined.keys)
            known.formUnion(entry.departures(after: since))
        }
        known = known.filter { lanes[$0] != nil }
        let seen = known.filter { seesLegacyPresence(viewer, of: $0) }
        return (seen, known.subtracting(seen))
    }

    /// The sights that a user's policy may change.
    func sights(ofContactsOf owner: UserID) -> [Sight] {
        guard isSomethingToSee(of: owner) else { return [] }
        return contacts(of: owner).filter { $0 != owner }.map { Sight(viewer: $0, owner: owner) }
    }

    /// The sights that may end when a member goes, in both directions.
    func sights(ofMember user: UserID, in room: RoomID) -> [Sight] {
        guard let members = rooms[room]?.joined, members[user] != nil else { return [] }
        let others = members.keys.filter { $0 != user }
        let seen = others.filter(isSomethingToSee).map { Sight(viewer: user, owner: $0) }
        return !isSomethingToSee(of: user) ? seen : seen + others.map { Sight(viewer: $0, owner: user) }
    }

    /// The sights that a change of one of the room's sharing rules may change.
    func sights(through type: EventType, in room: RoomID) -> [Sight] {
        guard let members = rooms[room]?.joined.keys else { return [] }
        let owners = members.filter(isSomethingToSee)
        if type == .joinRules {
            // Between users of one server public rooms count like all others.
            guard Set(members.lazy.map(\.server)).count > 1 else { return [] }
            return owners.flatMap { owner in
                members.filter { $0.server != owner.server }.map { Sight(viewer: $0, owner: owner) }
            }
        }
        return owners.filter { sharings[$0]?.allowedRooms.contains(room) == true }.flatMap { owner in
            members.filter { $0 != owner }.map { Sight(viewer: $0, owner: owner) }
        }
    }
}

/// The rooms that two users have joined both, as memory knows them. It holds no profile rooms.
private struct JoinedByBoth: CommonRooms {
    let viewer: [RoomID: StreamPosition]
    let owner: [RoomID: StreamPosition]
    let rooms: [RoomID: RoomEntry]

    func hasSuggestingRoom(among allowed: Set<RoomID>) -> Bool {
        allowed.contains { viewer[$0] != nil && owner[$0] != nil && rooms[$0]?.sharing.suggestsSharing == true }
    }

    func hasRoom(countingPublic: Bool) -> Bool {
        let (few, many) = viewer.count <= owner.count ? (viewer, owner) : (owner, viewer)
        return few.keys.contains { many[$0] != nil && (countingPublic || rooms[$0]?.sharing.isPublic != true) }
    }
}

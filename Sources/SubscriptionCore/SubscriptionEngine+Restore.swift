public import MatrixModel

extension SubscriptionEngine {
    /// Fills the engine from the store at start. All facts are as of `position`.
    public mutating func restore(position: StreamPosition) {
        self.position = position
        startPosition = position
    }

    public mutating func restoreProfileRoom(_ room: RoomID, owner: UserID) {
        profileOwners[room] = owner
        profileRooms[owner] = room
    }

    public mutating func restoreRoom(
        _ room: RoomID, lastPosition: StreamPosition,
        newest: [NoticedEvent], readUpTo: [UserID: StreamPosition]
    ) {
        var entry = RoomEntry(knownUpTo: position, lastPosition: lastPosition)
        entry.unread.restore(newestFirst: newest, readUpTo: readUpTo)
        rooms[room] = entry
        news.noteMain(in: room, at: lastPosition)
    }

    /// `wasJoined` tells of a departure whether it ended a membership.
    public mutating func restoreMembership(
        _ membership: Membership, of user: UserID, in room: RoomID, at position: StreamPosition, wasJoined: Bool
    ) {
        switch membership {
        case .join:
            users[user, default: UserEntry()].noteJoined(room, number: news.number(of: room), at: position)
            rooms[room]?.noteJoin(of: user, at: position)
            news.noteMain(in: room, at: position)
        case .invite:
            users[user, default: UserEntry()].noteInvited(to: room, at: position)
        case .leave, .ban, .knock:
            users[user, default: UserEntry()].noteLeft(
                room, UserEntry.Departure(position: position, membership: membership, wasJoined: wasJoined))
        }
    }

    /// Notes that somebody's membership in a room took its value at a position, whoever it was.
    public mutating func restoreMembershipChange(in room: RoomID, at position: StreamPosition) {
        rooms[room]?.restoreMembershipChange(at: position)
    }

    /// Comes after the memberships.
    public mutating func restoreLane(_ event: PersistedEvent, owner: UserID) {
        lanes[owner, default: LaneState()].set(event)
        if event.type == .status, let lane = lanes[owner] { statusExpiries.insert(lane, of: owner, among: lanes) }
        if event.type == .status { profileLog.restore(event.position) }
        news.noteLane(in: event.roomID, at: event.position)
        for (room, joinedAt) in users[owner]?.joined ?? [:] {
            rooms[room]?.restoreLaneMove(at: max(joinedAt, event.position))
            news.noteLane(in: room, at: max(joinedAt, event.position))
        }
    }

    /// Notes where a user's `m.profile` last changed. Comes after the memberships.
    public mutating func restoreProfile(of user: UserID, lastChange: StreamPosition) {
        users[user, default: UserEntry()].profilePosition = lastChange
        restoreProfileChange(of: user, at: lastChange)
    }

    public mutating func restoreProgramField(_ field: AudienceField, of user: UserID, _ value: ProgramField) {
        programFields[user, default: ProgramFields()][field] = value
        restoreProfileChange(of: user, at: max(value.position, value.shownPosition))
    }

    private mutating func restoreProfileChange(of user: UserID, at position: StreamPosition) {
        profileLog.restore(position)
        for room in (users[user]?.joined ?? [:]).keys { news.noteLane(in: room, at: position) }
    }

    public mutating func restoreSharing(_ sharing: PresenceSharing, of user: UserID) { sharings[user] = sharing }

    /// Takes over what a room's present state says for its members' audience. Comes after the rooms.
    public mutating func restoreSharingState(_ event: PersistedEvent) { rooms[event.roomID]?.sharing.note(event) }

    public mutating func restoreAccountData(of user: UserID, lastChange: StreamPosition) {
        users[user, default: UserEntry()].lastAccountData = lastChange
    }

    /// Notes a user's newest receipt in a room. Comes after the rooms.
    public mutating func restoreReceipt(of user: UserID, in room: RoomID, isPrivate: Bool, at position: StreamPosition) {
        rooms[room]?.noteReceipt(of: user, isPrivate: isPrivate, at: position)
        news.noteMain(in: room, at: position)
    }

    public mutating func restoreKeysChanged(of user: UserID, at position: StreamPosition) {
        deviceLists.restore(user, at: position)
    }

    public mutating func restoreKeysSigned(of user: UserID, by signer: UserID, at position: StreamPosition) {
        signedUsers[signer, default: SignedUsers()].note(user, at: position)
    }

    public mutating func restoreKeyCounts(_ counts: KeyCounts, of device: DeviceKey) {
        deviceEntries[device, default: DeviceEntry()].keyCounts = counts
    }

    /// Notes the stored messages to a device, by the first and the last one's position.
    public mutating func restoreToDevice(_ device: DeviceKey, first: StreamPosition, last: StreamPosition) {
        deviceEntries[device, default: DeviceEntry()].noteSent(at: first)
        deviceEntries[device, default: DeviceEntry()].noteSent(at: last)
    }

    /// Peeks, live and ended ones, come in any order.
    public mutating func restorePeek(_ peek: Peek, ended: StreamPosition?, reason: PeekEnd?) {
        if let ended {
            devices[peek.device, default: PeekEntry()].noteEnded(
                PeekEntry.Ended(room: peek.room, started: peek.started, position: ended, reason: reason ?? .unpeeked))
        } else {
            devices[peek.device, default: PeekEntry()].start(peek, number: news.number(of: peek.room))
            peekingDevices[peek.device.user, default: []].insert(peek.device)
            expiries.insert(peek, among: devices)
            rooms[peek.room]?.notePeek(of: peek.device, showsLane: peek.laneSince != nil)
        }
    }
}

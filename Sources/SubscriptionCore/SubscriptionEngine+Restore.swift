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

    public mutating func restoreRoom(_ room: RoomID, lastPosition: StreamPosition) {
        rooms[room] = RoomEntry(knownUpTo: position, lastPosition: lastPosition)
        news.noteMain(in: room, at: lastPosition)
    }

    /// How many of the newest events that concern somebody are kept of a room, and as many that are addressed to somebody: a start needs no
    /// more of each.
    public static let noticesKept = NoticeQueue.most

    /// Notes an event that concerns somebody. Comes after the rooms; those of a room that are addressed to somebody come in stream order,
    /// and so do the others.
    public mutating func restoreNotice(_ event: NoticedEvent, in room: RoomID) { rooms[room]?.unread.restore(event) }

    /// Notes the newest event that somebody sent in a room, by which a member has read what came before it. Comes after the memberships.
    public mutating func restoreSent(by user: UserID, in room: RoomID, newest position: StreamPosition) {
        if rooms[room]?.joined[user] != nil { rooms[room]?.unread.markRead(user, upTo: position) }
    }

    /// Comes after the rooms. `wasJoined` tells of a departure whether it ended a membership.
    public mutating func restoreMembership(
        _ membership: Membership, of user: UserID, in room: RoomID, at position: StreamPosition, wasJoined: Bool
    ) {
        switch membership {
        case .join:
            users[user, default: UserEntry()].noteJoined(room, number: news.number(of: room), at: position)
            rooms[room]?.noteJoin(of: user, at: position)
            rooms[room]?.unread.markRead(user, upTo: position)
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

    /// Notes a user's newest receipt in a room, and how far it reaches. Comes after the rooms.
    public mutating func restoreReceipt(
        of user: UserID, in room: RoomID, isPrivate: Bool, upTo readUpTo: StreamPosition, at position: StreamPosition
    ) {
        rooms[room]?.unread.markRead(user, upTo: readUpTo)
        rooms[room]?.noteReceipt(of: user, isPrivate: isPrivate, at: position)
        news.noteMain(in: room, at: position)
    }

    public mutating func restoreKeysChanged(of user: UserID, at position: StreamPosition) {
        deviceLists.restore(user, at: position)
    }

    public mutating func restoreKeysSigned(of user: UserID, by signer: UserID, at position: StreamPosition) {
        signedUsers[signer, default: SignedUsers()].note(user, at: position)
    }

    public mutating func restoreOneTimeKeys(_ count: Int, of algorithm: String, of device: DeviceKey) {
        deviceEntries[device, default: DeviceEntry()].keyCounts.oneTimeKeys[algorithm] = count
    }

    /// Notes an unused fallback key. Those of a device come in the order of their algorithms.
    public mutating func restoreUnusedFallbackKey(_ algorithm: String, of device: DeviceKey) {
        deviceEntries[device, default: DeviceEntry()].keyCounts.unusedFallbackTypes.append(algorithm)
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

import MatrixModel

extension SubscriptionEngine {
    /// Follows one commit and returns the waiting requests that it concerns.
    ///
    /// Commits come in stream order, each once.
    public mutating func apply(_ commit: StreamCommit) -> Set<WaiterID> {
        var woken: Set<WaiterID> = []
        for change in commit.changes { apply(change, waking: &woken) }
        position = max(position, commit.position)
        return woken
    }

    private mutating func apply(_ change: StreamChange, waking woken: inout Set<WaiterID>) {
        switch change {
        case .timeline(let event): applyTimeline(event, waking: &woken)
        case .state(let change): applyState(change, waking: &woken)
        case .laneEvent(let event, let owner): applyLane(event, owner: owner, waking: &woken)
        case .notices(let event, let room): rooms[room]?.unread.note(event)
        case .redacted(let event): applyRedaction(event, waking: &woken)
        case .accountData(let user, let position):
            users[user, default: UserEntry()].lastAccountData = position
            waiters.collect(user, into: &woken)
        case .programField(let user, let field, let value, let position):
            setProgramField(field, of: user, to: value, at: position, waking: &woken)
        case .sharingChanged(let owner, let sharing, let position):
            followSights(of: sights(ofContactsOf: owner), at: position, waking: &woken) { $0.sharings[owner] = sharing }
        case .ignoringChanged(let user, let ignored, let position):
            applyIgnoring(ignored, of: user, at: position, waking: &woken)
        case .laneGranted(let device, let room, let position):
            if devices[device]?.live[room] != nil {
                devices[device]?.showLane(of: room, number: news.number(of: room), since: position)
                rooms[room]?.notePeek(of: device, showsLane: true)
            }
            waiters.collect(device, into: &woken)
        case .peekStarted(let peek):
            let number = news.number(of: peek.room)
            _ = devices[peek.device]?.end(peek.room, number: number, at: peek.started, reason: .unpeeked)
            devices[peek.device, default: PeekEntry()].start(peek, number: number)
            peekingDevices[peek.device.user, default: []].insert(peek.device)
            expiries.insert(peek, among: devices)
            ensureEntry(peek.room, at: peek.started)
            rooms[peek.room]?.notePeek(of: peek.device, showsLane: peek.laneSince != nil)
            waiters.collect(peek.device, into: &woken)
        case .peekRenewed(let device, let room, let expires):
            devices[device]?.renew(room, until: expires)
            if let peek = devices[device]?.live[room] { expiries.insert(peek, among: devices) }
        case .laneKept(let device, let room, let position):
            if keepLane(of: room, for: device, at: position) { waiters.collect(device, into: &woken) }
        case .audienceChanged(let scope): withholdLanes(in: scope)
        case .peekEnded(let device, let room, let position, let reason):
            endPeek(of: device, into: room, at: position, reason: reason, waking: &woken)
        case .peeksEnded(let room, let position, let reason):
            for device in rooms[room]?.peekers ?? [] {
                endPeek(of: device, into: room, at: position, reason: reason, waking: &woken)
            }
        case .roomCreated(let room, let owner):
            guard let owner else { return ensureEntry(room, at: position) }
            profileOwners[room] = owner
            profileRooms[owner] = room
        case .profileRoomClosed(let room, let owner):
            // What the lane said last stays, for those who are still to be told of it.
            profileRooms[owner] = nil
            profileOwners[room] = nil
        case .roomForgotten(let room, let user):
            users[user]?.forget(room)
        case .deviceDeleted(let device):
            for room in (devices.removeValue(forKey: device)?.live ?? [:]).keys { rooms[room]?.noteEndOfPeek(of: device) }
            noteNoPeek(of: device)
            deviceEntries[device] = nil
            waiters.collect(device, into: &woken)
        case .receipt(let room, let user, let isPrivate, let readUpTo, let position):
            guard rooms[room] != nil else { return }
            rooms[room]?.unread.markRead(user, upTo: readUpTo)
            rooms[room]?.noteReceipt(of: user, isPrivate: isPrivate, at: position)
            news.noteMain(in: room, at: position)
            if isPrivate { waiters.collect(user, into: &woken) } else { collectMembers(of: room, into: &woken) }
        case .sentToDevices(let devices, let position): noteSent(to: devices, at: position, waking: &woken)
        case .deletedToDevice(let device, let position): deviceEntries[device]?.noteDeleted(upTo: position)
        case .keysChanged(let user, let position): noteKeysChanged(of: user, at: position, waking: &woken)
        case .keysSigned(let users, let signer, let position): noteSigned(users, by: signer, at: position, waking: &woken)
        case .keyCounts(let device, let counts, let position):
            deviceEntries[device, default: DeviceEntry()].keyCounts = counts
            guard let position else { return }
            deviceEntries[device]?.keyCountsPosition = position
            waiters.collect(device, into: &woken)
        }
    }

    private mutating func endPeek(
        of device: DeviceKey, into room: RoomID, at position: StreamPosition, reason: PeekEnd,
        waking woken: inout Set<WaiterID>
    ) {
        let number = news.number(of: room)
        guard devices[device]?.end(room, number: number, at: position, reason: reason) == true else { return }
        rooms[room]?.noteEndOfPeek(of: device)
        waiters.collect(device, into: &woken)
        if devices[device]?.live.isEmpty == true { noteNoPeek(of: device) }
    }

    private mutating func noteNoPeek(of device: DeviceKey) {
        peekingDevices[device.user]?.remove(device)
        if peekingDevices[device.user]?.isEmpty == true { peekingDevices[device.user] = nil }
    }

    private mutating func ensureEntry(_ room: RoomID, at position: StreamPosition) {
        guard rooms[room] == nil else { return }
        rooms[room] = RoomEntry(knownUpTo: position, lastPosition: position)
        news.noteMain(in: room, at: position)
    }

    private mutating func applyTimeline(_ event: PersistedEvent, waking woken: inout Set<WaiterID>) {
        let room = event.roomID
        // Nobody's list of rooms shows a profile room: it concerns those who peek into it.
        if profileOwners[room] == nil { ensureEntry(room, at: StreamPosition(event.position.rawValue - 1)) }
        append(event)
        wakeReaders(of: room, waking: &woken)
    }

    private mutating func applyState(_ change: RoomStateChange, waking woken: inout Set<WaiterID>) {
        let (room, position) = (change.room, change.position)
        if let owner = profileOwners[room] {
            if change.key == .profile {
                users[owner, default: UserEntry()].profilePosition = position
                noteProfileChange(of: owner, at: position, waking: &woken)
            }
        } else {
            ensureEntry(room, at: StreamPosition(position.rawValue - 1))
            if change.key.type == .member, let user = UserID(change.key.key) {
                guard let membership = change.event.map(\.membership) ?? .leave else { return }
                let ended = membership == .join ? [] : sights(ofMember: user, in: room)
                followSights(of: ended, at: position, waking: &woken) {
                    $0.applyMembership(membership, of: user, in: room, at: position)
                }
                waiters.collect(user, into: &woken)
                if membership != .join { endTyping(of: user, in: room, waking: &woken) }
            } else if RoomSharing.concerns(change.key.type), change.key.key == "" {
                followSights(of: sights(through: change.key.type, in: room), at: position, waking: &woken) {
                    $0.rooms[room]?.sharing.note(change)
                }
            }
        }
        if change.isInTimeline { return }
        news.noteMain(in: room, at: position)
        wakeReaders(of: room, waking: &woken)
    }

    /// A room's members, and those who peek into it. Members of a profile room do not have it in their lists.
    private func wakeReaders(of room: RoomID, waking woken: inout Set<WaiterID>) {
        if profileOwners[room] == nil { collectMembers(of: room, into: &woken) }
        for device in rooms[room]?.peekers ?? [] { waiters.collect(device, into: &woken) }
    }

    private mutating func applyMembership(
        _ membership: Membership, of user: UserID, in room: RoomID, at position: StreamPosition
    ) {
        let number = news.number(of: room)
        guard users[user, default: UserEntry()].set(membership, in: room, number: number, at: position) else { return }
        if membership == .join {
            rooms[room]?.noteJoin(of: user, at: position)
            // Who joins brings their presence to the members who are there.
            if let lane = lanes[user], lane.position > .zero { noteLaneMove(of: user, in: room, at: position) }
        } else {
            rooms[room]?.noteDeparture(of: user, at: position)
        }
    }

    private mutating func applyRedaction(_ event: PersistedEvent, waking woken: inout Set<WaiterID>) {
        if let before = rooms[event.roomID]?.replace(event) { tails.replaces(before, with: event) }
        guard RoomSharing.concerns(event.type), event.stateKey == "" else { return }
        followSights(of: sights(through: event.type, in: event.roomID), at: position.next, waking: &woken) {
            $0.rooms[event.roomID]?.sharing.noteRedacted(event)
        }
    }

    private mutating func applyLane(_ event: PersistedEvent, owner: UserID, waking woken: inout Set<WaiterID>) {
        lanes[owner, default: LaneState()].set(event)
        if event.type == .status, let lane = lanes[owner] {
            statusExpiries.insert(lane, of: owner, among: lanes)
            // Whoever waits for it is woken below.
            profileLog.note(owner, at: event.position)
        }
        news.noteLane(in: event.roomID, at: event.position)
        if waiters.count > 0 {
            for device in rooms[event.roomID]?.laneViewers ?? [] { waiters.collect(device, for: .presence, into: &woken) }
        }
        waiters.collect(owner, for: .presence, into: &woken)
        for room in (users[owner]?.joined ?? [:]).keys {
            noteLaneMove(of: owner, in: room, at: event.position)
            collectMembers(of: room, for: .presence, into: &woken)
        }
    }

    private mutating func append(_ event: PersistedEvent) {
        if rooms[event.roomID] != nil {
            tails.keeps(event)
            if let dropped = rooms[event.roomID]?.append(event) { tails.letsGo(of: dropped) }
            tails.settle(&rooms)
        }
        news.noteMain(in: event.roomID, at: event.position)
    }

    private mutating func noteLaneMove(of owner: UserID, in room: RoomID, at position: StreamPosition) {
        rooms[room]?.noteLaneMove(of: owner, at: position)
        news.noteLane(in: room, at: position)
    }

    /// The waiting members of a room, found from whichever side is smaller.
    func collectMembers(of room: RoomID, for kind: WaiterIndex.News = .any, into woken: inout Set<WaiterID>) {
        guard let members = rooms[room]?.joined, waiters.count > 0 else { return }
        if members.count <= waiters.users.count {
            for member in members.keys { waiters.collect(member, for: kind, into: &woken) }
        } else {
            for user in waiters.users where members[user] != nil { waiters.collect(user, for: kind, into: &woken) }
        }
    }
}

import MatrixModel
import SubscriptionCore

/// Writes the changes of one commit as the services do, giving each its position.
struct CommitWriter {
    private(set) var position: StreamPosition
    private(set) var changes: [StreamChange] = []

    init(after position: StreamPosition) { self.position = position }

    var commit: StreamCommit { StreamCommit(position: position, changes: changes) }

    mutating func nextPosition() -> StreamPosition {
        position = position.next
        return position
    }

    mutating func tell(_ change: StreamChange) { changes.append(change) }

    // MARK: Events

    @discardableResult
    mutating func event(
        _ type: EventType, key: String? = nil, by sender: UserID, in room: RoomID, _ content: JSONObject = [:]
    ) -> PersistedEvent {
        let event = makeEvent(type, key: key, sender: sender, room: room, content: content, at: nextPosition(), isLane: false)
        if let key = event.stateIdentity {
            tell(
                .state(
                    RoomStateChange(room: room, key: key, event: event, position: event.position, isInTimeline: true)))
        }
        tell(.timeline(event))
        return event
    }

    @discardableResult
    mutating func message(by sender: UserID, in room: RoomID = Names.den) -> PersistedEvent {
        event(.message, by: sender, in: room, ["body": "hi"])
    }

    @discardableResult
    mutating func member(
        _ membership: Membership, _ user: UserID, in room: RoomID = Names.den, by sender: UserID? = nil
    ) -> PersistedEvent {
        event(.member, key: user.rawValue, by: sender ?? user, in: room, ["membership": .string(membership.rawValue)])
    }

    @discardableResult
    mutating func visibility(_ value: String, in room: RoomID = Names.den, by sender: UserID) -> PersistedEvent {
        event(.historyVisibility, key: "", by: sender, in: room, ["history_visibility": .string(value)])
    }

    /// An ordinary room with its creator in it.
    mutating func room(_ room: RoomID = Names.den, by creator: UserID, visibility value: String = "world_readable") {
        tell(.roomCreated(room, profileOwner: nil))
        event(.create, key: "", by: creator, in: room, ["creator": .string(creator.rawValue)])
        member(.join, creator, in: room)
        visibility(value, in: room, by: creator)
    }

    // MARK: Profile rooms

    /// A profile room: made by the reserved user, the owner a member.
    mutating func profileRoom(of owner: UserID) {
        let room = Names.profile(owner)
        tell(.roomCreated(room, profileOwner: owner))
        event(.create, key: "", by: Names.hearth, in: room, ["type": "m.profile"])
        member(.join, Names.hearth, in: room)
        member(.join, owner, in: room)
        visibility("world_readable", in: room, by: Names.hearth)
    }

    @discardableResult
    mutating func lane(_ type: EventType, of owner: UserID, by sender: UserID, _ content: JSONObject) -> PersistedEvent {
        let event = makeEvent(
            type, key: "", sender: sender, room: Names.profile(owner), content: content, at: nextPosition(), isLane: true)
        tell(.laneEvent(event, owner: owner))
        return event
    }

    @discardableResult
    mutating func presence(_ value: String, of owner: UserID) -> PersistedEvent {
        lane(.presence, of: owner, by: Names.hearth, ["presence": .string(value)])
    }

    @discardableResult
    mutating func status(_ text: String, of owner: UserID) -> PersistedEvent {
        lane(.status, of: owner, by: owner, ["text": .string(text)])
    }

    @discardableResult
    mutating func profile(of owner: UserID) -> PersistedEvent {
        event(.profile, key: "", by: owner, in: Names.profile(owner), ["displayname": "x"])
    }

    // MARK: Everything else

    mutating func accountData(of user: UserID) { tell(.accountData(user: user, at: nextPosition())) }

    mutating func sendToDevices(_ devices: [DeviceKey]) { tell(.sentToDevices(devices, at: nextPosition())) }

    mutating func changeKeys(of user: UserID) { tell(.keysChanged(user: user, at: nextPosition())) }

    /// Somebody claims a key of a device.
    mutating func takeKey(of device: DeviceKey, leaving counts: KeyCounts) {
        tell(.keyCounts(device, counts, at: nextPosition()))
    }

    mutating func receipt(of user: UserID, in room: RoomID, isPrivate: Bool = false, upTo readUpTo: StreamPosition = .zero) {
        tell(.receipt(room: room, user: user, isPrivate: isPrivate, readUpTo: readUpTo, at: nextPosition()))
    }

    /// A peek that starts; `lane` says whether its user is in the audience, which the services find out.
    mutating func peek(_ device: DeviceKey, _ room: RoomID, expires: Int64 = 1_000_000, lane: Bool = true) {
        let position = nextPosition()
        tell(
            .peekStarted(
                Peek(
                    device: device, room: room, started: position, expires: Names.time(expires),
                    laneSince: lane ? position : nil)))
    }

    mutating func sharing(of user: UserID, _ content: JSONObject) {
        tell(.sharingChanged(user: user, PresenceSharing(parsing: content), at: nextPosition()))
    }

    mutating func grantLane(_ device: DeviceKey, _ room: RoomID) { tell(.laneGranted(device, room, at: nextPosition())) }

    mutating func endPeek(_ device: DeviceKey, _ room: RoomID, _ reason: PeekEnd = .unpeeked) {
        tell(.peekEnded(device, room, at: nextPosition(), reason: reason))
    }

    /// A join of a user whose devices peek: as the services write it, the peeks end right after the event.
    mutating func join(_ user: UserID, endingPeeksOf devices: [DeviceKey], in room: RoomID = Names.den) {
        member(.join, user, in: room)
        for device in devices { endPeek(device, room, .joined) }
    }
}

/// An event as the store would hand it out.
func makeEvent(
    _ type: EventType, key: String? = nil, sender: UserID = Names.alice, room: RoomID = Names.den, content: JSONObject = [:],
    at position: StreamPosition, isLane: Bool = false
) -> PersistedEvent {
    PersistedEvent(
        position: position, roomID: room, eventID: EventID("$\(position.rawValue)")!, type: type, stateKey: key, sender: sender,
        originServerTS: MatrixTimestamp(milliseconds: position.rawValue), isLane: isLane, transaction: nil, content: content,
        redacts: nil, unsigned: [:])
}

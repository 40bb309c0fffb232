import MatrixModel
import SubscriptionCore

/// What a store would hold after some commits, and the engine that a start makes of it.
struct StoredFacts {
    private var position = StreamPosition.zero
    private var rooms: [RoomID] = []
    private var profileRooms: [(room: RoomID, owner: UserID)] = []
    private var events: [RoomID: [PersistedEvent]] = [:]
    private var lanes: [UserID: [EventType: PersistedEvent]] = [:]
    private var memberships: [RoomID: [UserID: Row]] = [:]
    private var accountData: [UserID: StreamPosition] = [:]
    private var sharings: [UserID: PresenceSharing] = [:]
    private var ignoring: [UserID: IgnoredUsers] = [:]
    /// In the order in which they started.
    private var peeks: [PeekRow] = []
    private var receipts: [(room: RoomID, user: UserID, isPrivate: Bool, position: StreamPosition)] = []
    private var mailboxes: [DeviceKey: [StreamPosition]] = [:]
    private var keysChanged: [UserID: StreamPosition] = [:]
    private var keysSigned: [UserID: [UserID: StreamPosition]] = [:]
    private var keyCounts: [DeviceKey: KeyCounts] = [:]
    private var redacted: Set<StreamPosition> = []
    private var readUpTo: [RoomID: [UserID: StreamPosition]] = [:]

    private struct Row {
        var membership: Membership
        /// Where the membership took its value.
        var position: StreamPosition
        var wasJoined = false
        var isForgotten = false
    }

    private struct PeekRow {
        var peek: Peek
        var end: (position: StreamPosition, reason: PeekEnd)?
    }

    mutating func take(_ commit: StreamCommit) {
        for change in commit.changes { take(change) }
        position = commit.position
    }

    private mutating func take(_ change: StreamChange) {
        switch change {
        case .timeline(let event):
            events[event.roomID, default: []].append(event)
            if let membership = event.membership, let user = event.stateKey.flatMap({ UserID($0) }) {
                let row = memberships[event.roomID]?[user]
                if row?.membership == membership { return }
                memberships[event.roomID, default: [:]][user] = Row(
                    membership: membership, position: event.position, wasJoined: row?.membership == .join)
            }
        case .laneEvent(let event, let owner): lanes[owner, default: [:]][event.type] = event
        case .redacted(let event):
            guard let index = events[event.roomID]?.firstIndex(where: { $0.position == event.position }) else { return }
            events[event.roomID]?[index] = event
            redacted.insert(event.position)
        case .accountData(let user, let position): accountData[user] = position
        case .sharingChanged(let user, let sharing, _): sharings[user] = sharing
        case .ignoringChanged(let user, let ignored, _): ignoring[user] = ignored
        case .laneGranted(let device, let room, let position):
            if let index = live(device, room) { peeks[index].peek.laneSince = position }
        case .peekStarted(let peek): peeks.append(PeekRow(peek: peek))
        case .peekRenewed(let device, let room, let expires):
            if let index = live(device, room) { peeks[index].peek.expires = expires }
        case .peekEnded(let device, let room, let position, let reason):
            if let index = live(device, room) { peeks[index].end = (position, reason) }
        case .peeksEnded(let room, let position, let reason):
            for index in peeks.indices where peeks[index].peek.room == room && peeks[index].end == nil {
                peeks[index].end = (position, reason)
            }
        case .laneKept, .audienceChanged: break
        case .roomCreated(let room, let owner):
            if let owner { profileRooms.append((room, owner)) } else { rooms.append(room) }
        case .profileRoomClosed(let room, _): profileRooms.removeAll { $0.room == room }
        case .roomForgotten(let room, let user): memberships[room]?[user]?.isForgotten = true
        case .deviceDeleted(let device):
            peeks.removeAll { $0.peek.device == device }
            mailboxes[device] = nil
            keyCounts[device] = nil
        case .receipt(let room, let user, let isPrivate, let readUpTo, let position):
            receipts.append((room, user, isPrivate, position))
            let before = self.readUpTo[room]?[user] ?? .zero
            self.readUpTo[room, default: [:]][user] = max(before, readUpTo)
        case .sentToDevices(let devices, let position):
            for device in devices { mailboxes[device, default: []].append(position) }
        case .deletedToDevice(let device, let position): mailboxes[device]?.removeAll { $0 <= position }
        case .keysChanged(let user, let position): keysChanged[user] = position
        case .keysSigned(let users, let signer, let position):
            for user in users { keysSigned[signer, default: [:]][user] = position }
        case .keyCounts(let device, let counts, _): keyCounts[device] = counts
        case .notices, .programField, .state: break
        }
    }

    private func live(_ device: DeviceKey, _ room: RoomID) -> Int? {
        peeks.firstIndex { $0.peek.device == device && $0.peek.room == room && $0.end == nil }
    }

    /// The engine as it is after a start.
    func engine() -> SubscriptionEngine {
        var engine = SubscriptionEngine()
        engine.restore(position: position)
        for (room, owner) in profileRooms { engine.restoreProfileRoom(room, owner: owner) }
        for room in Set(rooms).union(peeks.map(\.peek.room)) { restore(room, into: &engine) }
        for room in rooms {
            for (user, row) in memberships[room] ?? [:] where !row.isForgotten {
                engine.restoreMembership(row.membership, of: user, in: room, at: row.position, wasJoined: row.wasJoined)
            }
            restoreSenders(of: room, into: &engine)
        }
        for (owner, lane) in lanes {
            for event in lane.values { engine.restoreLane(event, owner: owner) }
        }
        for (user, position) in accountData { engine.restoreAccountData(of: user, lastChange: position) }
        for event in rooms.flatMap({ events[$0] ?? [] }) where event.stateKey == "" { engine.restoreSharingState(event) }
        for (user, sharing) in sharings { engine.restoreSharing(sharing, of: user) }
        for (user, ignored) in ignoring { engine.restoreIgnoring(ignored, of: user) }
        for row in receipts {
            engine.restoreReceipt(
                of: row.user, in: row.room, isPrivate: row.isPrivate, upTo: readUpTo[row.room]?[row.user] ?? .zero,
                at: row.position)
        }
        for (device, positions) in mailboxes {
            if let first = positions.first, let last = positions.last { engine.restoreToDevice(device, first: first, last: last) }
        }
        for (user, position) in keysChanged { engine.restoreKeysChanged(of: user, at: position) }
        for (signer, users) in keysSigned {
            for (user, position) in users { engine.restoreKeysSigned(of: user, by: signer, at: position) }
        }
        for (device, counts) in keyCounts {
            for (algorithm, count) in counts.oneTimeKeys { engine.restoreOneTimeKeys(count, of: algorithm, of: device) }
            for algorithm in counts.unusedFallbackTypes { engine.restoreUnusedFallbackKey(algorithm, of: device) }
        }
        for row in peeks { engine.restorePeek(row.peek, ended: row.end?.position, reason: row.end?.reason) }
        return engine
    }

    private func restore(_ room: RoomID, into engine: inout SubscriptionEngine) {
        let events = events[room] ?? []
        let messages = events.filter { $0.type == .message && $0.stateKey == nil && !redacted.contains($0.position) }
            .suffix(SubscriptionEngine.noticesKept)
        engine.restoreRoom(room, lastPosition: events.last?.position ?? .zero)
        for message in messages {
            engine.restoreNotice(
                NoticedEvent(position: message.position, sender: message.sender, notices: EventNotices(base: .notify)), in: room)
        }
    }

    private func restoreSenders(of room: RoomID, into engine: inout SubscriptionEngine) {
        let newest = Dictionary((events[room] ?? []).map { ($0.sender, $0.position) }) { _, last in last }
        for (user, position) in newest { engine.restoreSent(by: user, in: room, newest: position) }
    }
}

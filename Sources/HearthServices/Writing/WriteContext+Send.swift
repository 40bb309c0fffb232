import HearthStore
public import MatrixModel
public import RoomRules
import SubscriptionCore

/// An event that somebody wants to send; the writer gives it its place in the room.
public struct EventRequest: Sendable {
    public var type: EventType
    /// The state key; nil for an event that is no state.
    public var stateKey: String?
    public var sender: UserID
    public var content: JSONObject
    public var transaction: EventTransaction?

    public init(
        type: EventType, stateKey: String? = nil, sender: UserID, content: JSONObject, transaction: EventTransaction? = nil
    ) {
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.content = content
        self.transaction = transaction
    }
}

/// Why an event cannot be sent.
public enum SendError: Error, Equatable {
    case unknownRoom
    /// The room's rules refuse it; the sentence says which.
    case forbidden(String)
    /// The event is not well-formed: not canonical JSON, or a field of the wrong shape.
    case malformed(String)
    case tooLarge(String)
}

extension WriteContext {
    /// Builds, signs, authorises and stores one event at the end of its room's chain, or of the lane where it belongs there.
    ///
    /// The way of an event: `DraftEvent` (here) -> `SignedEvent` -> `AuthorizedEvent` -> `PersistedEvent`.
    ///
    /// - Throws: ``SendError``; nothing is stored then.
    @discardableResult
    public func send(_ request: EventRequest, in roomID: RoomID) throws -> PersistedEvent {
        guard let standing = try room(roomID)?.record else { throw SendError.unknownRoom }
        var record = standing
        if let owner = record.profileOwner {
            let refusal = ProfileRoomRules.refusal(
                of: request.type, stateKey: request.stateKey, sender: request.sender, content: request.content, owner: owner)
            if let refusal { throw SendError.forbidden(refusal.description) }
        }
        let isLane = record.profileOwner != nil && ProfileRoomRules.isLane(request.type, stateKey: request.stateKey)
        let keys = AuthEventSelection.keys(
            forType: request.type, stateKey: request.stateKey, sender: request.sender, content: request.content,
            version: record.version)
        var authState: [StateKey: SignedEvent] = [:]
        for key in keys + [.create] { authState[key] = try state(key, in: roomID) }

        let draft = DraftEvent(
            roomID: roomID, type: request.type, stateKey: request.stateKey, sender: request.sender, content: request.content,
            originServerTS: EventTimes.next(after: record.lastOriginServerTS, clock: now.wall),
            depth: isLane ? record.tips.depthForLane() : record.tips.depthForMain(),
            prevEvents: isLane ? record.tips.prevEventsForLane() : record.tips.prevEventsForMain(),
            authEvents: keys.compactMap { authState[$0]?.id })
        let authorized = try authorize(draft, version: record.version, against: authState)
        let event = authorized.event

        let tip = LaneTips.Tip(id: event.id, depth: event.depth)
        if isLane { record.tips.laneEventAppended(tip) } else { record.tips.mainEventAppended(tip) }
        record.lastOriginServerTS = event.originServerTS
        let (persisted, news) = try store(
            authorized, profileOwner: record.profileOwner, isLane: isLane, transaction: request.transaction)
        try updateRecord(record, since: standing)
        try change(news)
        return persisted
    }

    /// Makes a room by its create event. Room ids of version 12 are the event's hash, so its time is raised until the id is new.
    public func createRoom(
        version: RoomVersion, id: RoomID?, creator: UserID, content: JSONObject, profileOwner: UserID?
    ) throws -> RoomID {
        var time = now.wall
        while true {
            let draft = DraftEvent(
                roomID: id, type: .create, stateKey: "", sender: creator, content: content, originServerTS: time, depth: 1,
                prevEvents: [], authEvents: [])
            let authorized = try authorize(draft, version: version, against: [:])
            let event = authorized.event
            if try transaction.rooms.room(event.roomID) != nil {
                guard id == nil else { throw SendError.forbidden("There is a room of this id already.") }
                time = time.advanced(by: .milliseconds(1))
                continue
            }
            try insertRoom(
                RoomRecord(
                    roomID: event.roomID, version: version, profileOwner: profileOwner,
                    tips: LaneTips(main: LaneTips.Tip(id: event.id, depth: event.depth)), lastOriginServerTS: time))
            tell(.roomCreated(event.roomID, profileOwner: profileOwner))
            try change(try store(authorized, profileOwner: profileOwner, isLane: false, transaction: nil).1)
            return event.roomID
        }
    }

    /// Takes the content of an event that a redaction names, in the store and for every later reader.
    public func redact(_ target: EventID, because redaction: PersistedEvent) throws {
        guard let stored = try transaction.events.event(target, in: redaction.roomID),
            let event = try transaction.events.signed(at: stored.position)
        else { return }
        var because: [UInt8] = []
        redaction.write(to: &because, for: nil, withRoomID: false)
        let unsigned: JSONObject = ["redacted_because": try JSON(parsing: because, options: .stored)]
        let redacted = event.redacted()
        try transaction.events.replace(at: stored.position, by: redacted, unsigned: unsigned)
        if redacted.stateKey != nil { forgetRoom(event.roomID) }
        let standing = try transaction.events.event(at: stored.position) ?? stored
        var news = RoomChange(
            room: stored.roomID, position: stored.position, profileOwner: try room(stored.roomID)?.record.profileOwner,
            isLane: stored.isLane, redacted: standing)
        if let key = stored.stateIdentity, try state(key, in: stored.roomID)?.id == target {
            news.state = [StateDelta(key: key, before: event, after: standing)]
        }
        try change(news)
    }

    private func authorize(
        _ draft: DraftEvent, version: RoomVersion, against state: [StateKey: SignedEvent]
    ) throws(SendError) -> AuthorizedEvent {
        let signed: SignedEvent
        do throws(EventFormatError) {
            signed = try draft.signed(by: server.signingKey, version: version)
        } catch {
            if case .tooLarge = error { throw .tooLarge("\(error)") }
            throw .malformed("\(error)")
        }
        do throws(AuthRuleViolation) {
            return try signed.authorized(against: state)
        } catch {
            throw .forbidden(error.description)
        }
    }

    /// Gives an event its position and its row; returns with it what it changes in the room.
    private func store(
        _ authorized: AuthorizedEvent, profileOwner: UserID?, isLane: Bool, transaction: EventTransaction?
    ) throws -> (PersistedEvent, RoomChange) {
        let event = authorized.event
        let position = nextPosition()
        var news = RoomChange(room: event.roomID, position: position, profileOwner: profileOwner, isLane: isLane)
        var unsigned: JSONObject = [:]
        var before: SignedEvent?
        // The lane has no past: what it said before is served to nobody.
        if let key = event.stateIdentity, !isLane, let previous = try state(key, in: event.roomID) {
            before = previous
            unsigned["prev_content"] = .object(previous.content)
            unsigned["replaces_state"] = .string(previous.id.rawValue)
        }
        let persisted = try self.transaction.events.insert(
            authorized, at: position, isLane: isLane, unsigned: unsigned, transaction: transaction
        ) { news.storedBytes = $0 }
        news.event = persisted
        if let key = event.stateIdentity {
            try setState(key, in: event.roomID, to: event, at: position)
            if let membership = persisted.membership, let user = UserID(key.key) {
                try self.transaction.memberships.set(membership, of: user, in: event.roomID, at: position)
            }
            news.state = [StateDelta(key: key, before: before, after: persisted)]
        }
        return (persisted, news)
    }
}

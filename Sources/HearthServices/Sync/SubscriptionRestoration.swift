public import HearthStore
public import MatrixModel
public import SubscriptionCore

/// Builds the memory image of the stream from the store, at start.
public enum SubscriptionRestoration {
    public static func engine(
        from store: StoreTransaction, audience: Audience = Audience(),
        startedAt time: MatrixTimestamp = MatrixTimestamp(milliseconds: 0)
    ) throws -> SubscriptionEngine {
        // Fewer than a thousand changes of typing a second: the next process starts later than this one ends.
        var engine = SubscriptionEngine(audience: audience, ephemeralStart: EphemeralPosition(time.milliseconds))
        engine.restore(position: try store.meta.position())
        for (owner, room) in try store.rooms.profileRooms() { engine.restoreProfileRoom(room, owner: owner) }
        let peeks = try store.peeks.all()
        let reaches = Dictionary(grouping: try store.receipts.reaches(), by: \.room)
        let memberships = Dictionary(grouping: try store.memberships.all(), by: \.roomID)
        for room in Set(peeks.map(\.room)).union(try store.rooms.ordinary()) {
            var readUpTo: [UserID: StreamPosition] = [:]
            for membership in memberships[room] ?? [] where membership.membership == .join {
                let own = try store.events.newestPosition(of: membership.userID, in: room)
                readUpTo[membership.userID] = max(own ?? .zero, membership.position)
            }
            for reach in reaches[room] ?? [] {
                readUpTo[reach.user] = max(readUpTo[reach.user] ?? .zero, reach.readUpTo)
            }
            engine.restoreRoom(
                room, lastPosition: try store.events.lastMainPosition(in: room) ?? .zero,
                newest: try store.pushNotices.newest(100, in: room).map(NoticedEvent.init), readUpTo: readUpTo)
        }
        for membership in memberships.values.joined() {
            engine.restoreMembershipChange(in: membership.roomID, at: membership.position)
        }
        for membership in memberships.values.joined() where !membership.isForgotten {
            let event = try store.events.event(at: membership.position)
            engine.restoreMembership(
                membership.membership, of: membership.userID, in: membership.roomID, at: membership.position,
                wasJoined: event.map(Self.endedMembership) ?? false)
        }
        for reach in reaches.values.joined() {
            engine.restoreReceipt(of: reach.user, in: reach.room, isPrivate: reach.kind == .readPrivate, at: reach.position)
        }
        try store.state.eachLaneEvent { event in
            if let owner = engine.profileOwner(of: event.roomID) { engine.restoreLane(event, owner: owner) }
        }
        try store.state.eachProfile { owner, position in engine.restoreProfile(of: owner, lastChange: position) }
        for field in try store.programFields.all() {
            guard let name = AudienceField(rawValue: field.field) else { continue }
            engine.restoreProgramField(name, of: field.user, ProgramField(field))
        }
        for (user, position) in try store.accountData.lastChanges() {
            engine.restoreAccountData(of: user, lastChange: position)
        }
        for type in [EventType.joinRules] + RoomSharing.hintTypes {
            try store.state.each(type) { engine.restoreSharingState($0) }
        }
        let policies = try PresenceSharing.types.flatMap { try store.accountData.all($0, standIn: PresenceSharing.standIn) }
        for policy in policies.sorted(by: { $0.position < $1.position }) {
            engine.restoreSharing(PresenceSharing(parsing: policy.content), of: policy.user)
        }
        for peek in peeks {
            engine.restorePeek(
                Peek(
                    device: peek.device, room: peek.room, started: peek.started, expires: peek.expires, laneSince: peek.laneSince),
                ended: peek.ended,
                reason: peek.endReason.map { PeekEnd($0) })
        }
        try IgnoringRestoration.restore(&engine, from: store)
        try EncryptionRestoration.restore(&engine, from: store)
        return engine
    }

    /// Whether a departure ended a membership, or only an invitation.
    private static func endedMembership(_ event: PersistedEvent) -> Bool {
        event.previousMembership == .join
    }
}

extension NoticedEvent {
    init(_ stored: StoredNotices) { self.init(position: stored.position, sender: stored.sender, notices: stored.notices) }
}

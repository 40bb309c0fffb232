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
        try restoreRooms(of: &engine, from: store.restoration)
        try store.state.eachLaneEvent { event in
            if let owner = engine.profileOwner(of: event.roomID) { engine.restoreLane(event, owner: owner) }
        }
        try store.state.eachProfile { owner, position in engine.restoreProfile(of: owner, lastChange: position) }
        for field in try store.programFields.all() {
            guard let name = AudienceField(rawValue: field.field) else { continue }
            engine.restoreProgramField(name, of: field.user, ProgramField(field))
        }
        try store.restoration.eachAccountDataChange { engine.restoreAccountData(of: $0, lastChange: $1) }
        for type in [EventType.joinRules] + RoomSharing.hintTypes {
            try store.state.each(type) { engine.restoreSharingState($0) }
        }
        let policies = try PresenceSharing.types.flatMap { try store.accountData.all($0, standIn: PresenceSharing.standIn) }
        for policy in policies.sorted(by: { $0.position < $1.position }) {
            engine.restoreSharing(PresenceSharing(parsing: policy.content), of: policy.user)
        }
        for peek in try store.peeks.all() {
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

    /// The rooms, what concerns anybody in them, who is in them, and how far everybody has read.
    private static func restoreRooms(of engine: inout SubscriptionEngine, from stored: RestorationQueries) throws {
        try stored.eachProfileRoom { engine.restoreProfileRoom($0, owner: $1) }
        try stored.eachRoom { engine.restoreRoom($0, lastPosition: $1) }
        try stored.eachNotice(SubscriptionEngine.noticesKept) { engine.restoreNotice(NoticedEvent($1), in: $0) }
        try stored.eachMembership { membership, wasJoined in
            engine.restoreMembershipChange(in: membership.roomID, at: membership.position)
            if membership.isForgotten { return }
            engine.restoreMembership(
                membership.membership, of: membership.userID, in: membership.roomID, at: membership.position, wasJoined: wasJoined
            )
        }
        try stored.eachSender { engine.restoreSent(by: $0, in: $1, newest: $2) }
        try stored.eachReach { reach in
            engine.restoreReceipt(
                of: reach.user, in: reach.room, isPrivate: reach.kind == .readPrivate, upTo: reach.readUpTo, at: reach.position)
        }
    }
}

extension NoticedEvent {
    init(_ stored: StoredNotices) { self.init(position: stored.position, sender: stored.sender, notices: stored.notices) }
}

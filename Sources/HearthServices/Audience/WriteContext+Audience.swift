import HearthStore
public import MatrixModel
import RoomRules
public import SubscriptionCore

/// What changes an audience changes the peeks it concerns in the same transaction: so delivery needs to check nothing.
///
/// Who falls out of the audience loses the peek, who comes in gets the lane in the peek there is; both are rows with a position. Where
/// that is many peeks, the first are changed at once and the others in the time that follows (``FollowUps``); what these may not show
/// any longer is withheld from the commit on.
extension WriteContext {
    /// Sets a user's policy, under both names of the account data, and follows it.
    public func setSharing(_ content: JSONObject, of user: UserID) throws {
        for type in PresenceSharing.types {
            try setAccountData(type, content: content, room: nil, of: user)
        }
        try sharingChanged(to: PresenceSharing(parsing: content), of: user)
    }

    /// Follows a policy that was written into the account data, or deleted from it.
    public func sharingChanged(to sharing: PresenceSharing, of user: UserID) throws {
        tell(.sharingChanged(user: user, sharing, at: nextPosition()))
        guard let room = try profileRoom(of: user) else { return }
        try begin(.audience(.intoProfile(room)))
    }

    /// Follows an event of an ordinary room, where it changes who shares a room with whom or how the room shares.
    func followAudience(of event: PersistedEvent) throws {
        if event.type == .member, let user = event.stateKey.flatMap({ UserID($0) }) {
            guard event.membership != event.previousMembership else { return }
            try begin(.audience(.ofMember(user, event.roomID)))
            guard let profile = try profileRoom(of: user) else { return }
            try begin(.audience(.intoProfile(profile)))
        } else if RoomSharing.hintTypes.contains(event.type), event.stateKey == "" {
            // Join rules make a difference between users of different servers alone, and all who peek are users of this one.
            try begin(.audience(.betweenMembers(event.roomID)))
        }
    }

    /// Looks at all peeks again: the operator's settings may have changed since the last start, and the last stop may have come before all
    /// peeks had followed a change.
    public func followAudienceOfAllPeeks() throws {
        try followAudience(in: try transaction.peeks.all().filter { $0.ended == nil })
    }

    /// Whether a user sees the lane of a room; false for ordinary rooms, which have none.
    func seesLane(of room: RoomID, _ viewer: UserID) throws -> Bool {
        try seesLane(of: room, viewer, as: StoredAudience(audience: audience, ignoring: ignoring, store: transaction))
    }

    private func seesLane(of room: RoomID, _ viewer: UserID, as stored: StoredAudience) throws -> Bool {
        guard let owner = try self.room(room)?.record.profileOwner else { return false }
        return try stored.canSee(viewer, laneOf: owner)
    }

    func followAudience(in peeks: [StoredPeek]) throws {
        let stored = StoredAudience(audience: audience, ignoring: ignoring, store: transaction)
        var kept: StreamPosition?
        for peek in peeks {
            let sees: Bool
            do {
                sees = try seesLane(of: peek.room, peek.device.user, as: stored)
            } catch StoreError.corrupt(let place) {
                UnreadableRows.passedOver(place, of: peek.device.user.rawValue)
                sees = false
            }
            if peek.laneSince != nil, !sees {
                try PeekRules.end(peek, reason: .notAllowed, context: self)
            } else if peek.laneSince == nil, sees {
                let position = nextPosition()
                try transaction.peeks.grantLane(started: peek.started, at: position)
                tell(.laneGranted(peek.device, peek.room, at: position))
            } else if sees {
                let position = kept ?? nextPosition()
                kept = position
                tell(.laneKept(peek.device, peek.room, at: position))
            }
        }
    }
}

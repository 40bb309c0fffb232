import HearthStore
public import MatrixModel
import RoomRules
public import SubscriptionCore

/// What changes an audience changes the peeks it concerns in the same transaction: so delivery needs to check nothing.
///
/// Who falls out of the audience loses the peek, who comes in gets the lane in the peek there is; both are rows with a position.
extension WriteContext {
    /// Sets a user's policy, under both names of the account data, and follows it.
    public func setSharing(_ content: JSONObject, of user: UserID) throws {
        for type in PresenceSharing.types {
            let position = nextPosition()
            try transaction.accountData.set(
                StoredAccountData(user: user, room: nil, type: type, content: content, position: position))
            tell(.accountData(user: user, at: position))
        }
        try sharingChanged(to: PresenceSharing(parsing: content), of: user)
    }

    /// Follows a policy that was written into the account data, or deleted from it.
    public func sharingChanged(to sharing: PresenceSharing, of user: UserID) throws {
        tell(.sharingChanged(user: user, sharing, at: nextPosition()))
        guard let room = try profileRoom(of: user) else { return }
        try follow(try transaction.peeks.live(in: room))
    }

    /// Follows an event of an ordinary room, where it changes who shares a room with whom or how the room shares.
    func followAudience(of event: PersistedEvent) throws {
        if event.type == .member, let user = event.stateKey.flatMap({ UserID($0) }) {
            guard event.membership != event.previousMembership else { return }
            try follow(try transaction.peeks.live(of: user, intoProfilesOfMembersOf: event.roomID))
            guard let profile = try profileRoom(of: user) else { return }
            try follow(try transaction.peeks.live(in: profile))
        } else if RoomSharing.concerns(event.type), event.stateKey == "" {
            try follow(try transaction.peeks.liveBetweenMembers(of: event.roomID))
        }
    }

    /// Looks at all peeks again: the operator's settings may have changed since the last start.
    public func followAudienceOfAllPeeks() throws {
        try follow(try transaction.peeks.all().filter { $0.ended == nil })
    }

    /// Whether a user sees the lane of a room; false for ordinary rooms, which have none.
    func seesLane(of room: RoomID, _ viewer: UserID) throws -> Bool {
        guard let owner = try self.room(room)?.record.profileOwner else { return false }
        return try StoredAudience(audience: audience, store: transaction).canSee(viewer, laneOf: owner)
    }

    private func follow(_ peeks: [StoredPeek]) throws {
        for peek in peeks {
            let sees = try seesLane(of: peek.room, peek.device.user)
            if peek.laneSince != nil, !sees {
                try PeekRules.end(peek, reason: .notAllowed, context: self)
            } else if peek.laneSince == nil, sees {
                let position = nextPosition()
                try transaction.peeks.grantLane(started: peek.started, at: position)
                tell(.laneGranted(peek.device, peek.room, at: position))
            }
        }
    }
}

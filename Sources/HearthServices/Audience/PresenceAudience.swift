import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore

/// Who sees whose presence, as the writer's operations go by it and follow it.
///
/// What changes an audience changes the peeks it concerns in the same transaction: so delivery needs to check nothing.
/// Who falls out of the audience loses the peek, who comes in gets the lane in the peek there is; both are rows with a position. Where
/// that is many peeks, the first are changed at once and the others in the time that follows (``FollowUps``); what these may not show
/// any longer is withheld from the commit on.
public final class PresenceAudience: RoomFollower {
    /// The operator's part in who sees whose presence.
    let rule: Audience
    let ignoring: IgnoringBook
    private let followUps: FollowUpQueue

    init(_ rule: Audience, ignoring: IgnoringBook, followUps: FollowUpQueue) {
        self.rule = rule
        self.ignoring = ignoring
        self.followUps = followUps
    }

    /// Follows a room where it changes who shares a room with whom or how the room shares.
    func follow(_ change: RoomChange, in context: WriteContext) throws {
        guard change.profileOwner == nil else { return }
        for delta in change.state {
            if let (user, _) = delta.membershipChange {
                try begin(.ofMember(user, change.room), in: context)
                if let profile = try context.profileRoom(of: user) { try begin(.intoProfile(profile), in: context) }
            } else if RoomSharing.hintTypes.contains(delta.key.type), delta.key.key == "" {
                // Join rules make a difference between users of different servers alone, and all who peek are users of this one.
                try begin(.betweenMembers(change.room), in: context)
            }
        }
    }

    /// Follows a policy that was written into the account data.
    func sharingChanged(to sharing: PresenceSharing, of user: UserID, in context: WriteContext) throws {
        context.tell(.sharingChanged(user: user, sharing, at: context.nextPosition()))
        guard let room = try context.profileRoom(of: user) else { return }
        try begin(.intoProfile(room), in: context)
    }

    /// Looks at all peeks again: the operator's settings may have changed since the last start, and the last stop may have come before all
    /// peeks had followed a change.
    ///
    /// - Parameter memory: what stands in the store; at a start, with nothing under way, that is all of it. So the store is asked nothing of
    ///   each peek.
    public func followAllPeeks(in context: WriteContext, as memory: StreamNotifier) throws {
        var kept: StreamPosition?
        for (peek, owner) in try context.transaction.peeks.allLive() {
            let sees = owner.map { owner in memory.ask { $0.canSee(peek.device.user, laneOf: owner) } } ?? false
            try follow(peek, sees: sees, kept: &kept, in: context)
        }
    }

    /// Whether a user sees the lane of a room; false for ordinary rooms, which have none.
    func seesLane(of room: RoomID, _ viewer: UserID, in context: WriteContext) throws -> Bool {
        try seesLane(of: room, viewer, as: stored(in: context), in: context)
    }

    /// The audience as the store knows it at this moment.
    func stored(reading store: StoreTransaction) -> StoredAudience {
        StoredAudience(audience: rule, ignoring: ignoring, store: store, context: nil)
    }

    private func stored(in context: WriteContext) -> StoredAudience {
        StoredAudience(audience: rule, ignoring: ignoring, store: context.transaction, context: context)
    }

    private func seesLane(
        of room: RoomID, _ viewer: UserID, as stored: StoredAudience, in context: WriteContext
    ) throws -> Bool {
        guard let owner = try context.room(room)?.record.profileOwner else { return false }
        return try stored.canSee(viewer, laneOf: owner)
    }

    private func begin(_ scope: AudienceScope, in context: WriteContext) throws {
        let isLeft = try followUps.begin(.audience(scope), in: context) { try step(through: scope, from: nil, in: context) }
        if isLeft { context.tell(.audienceChanged(scope)) }
    }

    /// Follows the audience in these peeks, or in all of the viewer's where these are too many for one operation.
    func follow(_ peeks: [StoredPeek], of viewer: UserID, in context: WriteContext) throws {
        if peeks.count > FollowUp.peeks { try begin(.ofViewer(viewer), in: context) } else { try follow(peeks, in: context) }
    }

    private func follow(_ peeks: [StoredPeek], in context: WriteContext) throws {
        let stored = stored(in: context)
        var kept: StreamPosition?
        for peek in peeks {
            let sees: Bool
            do {
                sees = try seesLane(of: peek.room, peek.device.user, as: stored, in: context)
            } catch StoreError.corrupt(let place) {
                UnreadableRows.passedOver(place, of: peek.device.user.rawValue)
                sees = false
            }
            try follow(peek, sees: sees, kept: &kept, in: context)
        }
    }

    /// - Parameter kept: the one position at which all those peeks are told that change nothing.
    private func follow(
        _ peek: StoredPeek, sees: Bool, kept: inout StreamPosition?, in context: WriteContext
    ) throws {
        if peek.laneSince != nil, !sees {
            try PeekRules.end(peek, reason: .notAllowed, context: context)
        } else if peek.laneSince == nil, sees {
            let position = context.nextPosition()
            try context.transaction.peeks.grantLane(started: peek.started, at: position)
            context.tell(.laneGranted(peek.device, peek.room, at: position))
        } else if sees {
            let position = kept ?? context.nextPosition()
            kept = position
            context.tell(.laneKept(peek.device, peek.room, at: position))
        }
    }

    // MARK: Steps

    func step(
        through scope: AudienceScope, from cursor: FollowUp.Cursor?, in context: WriteContext
    ) throws -> FollowUp.Cursor? {
        let peeks = context.transaction.peeks
        var after = StreamPosition.zero
        if case .peek(let position)? = cursor { after = position }
        switch scope {
        case .intoProfile(let room):
            return try followFirst(of: try peeks.live(in: room, after: after, limit: FollowUp.peeks + 1), in: context)
        case .ofMember(let user, let room):
            let found = try peeks.live(of: user, intoProfilesOfMembersOf: room, after: after, limit: FollowUp.peeks + 1)
            return try followFirst(of: found, in: context)
        case .ofViewer(let user):
            let found = try peeks.liveIntoProfiles(of: user, after: after, limit: FollowUp.peeks + 1)
            return try followFirst(of: found.map(\.peek), in: context)
        case .betweenMembers(let room):
            var last = StreamPosition.zero
            if case .member(let position)? = cursor { last = position }
            return try step(betweenMembersOf: room, after: last, in: context)
        }
    }

    /// Who has not joined is in nobody's audience because of this room, and each change of a membership has a follow-up of its own.
    private func step(
        betweenMembersOf room: RoomID, after: StreamPosition, in context: WriteContext
    ) throws -> FollowUp.Cursor? {
        var (last, count) = (after, 0)
        let members = try context.transaction.memberships.joined(in: room, after: last, limit: FollowUp.peeks + 1)
        for (number, (member, joined)) in members.enumerated() {
            if number == FollowUp.peeks || count >= FollowUp.peeks { return .member(last) }
            let peeks = try context.transaction.peeks.live(
                of: member, intoProfilesOfMembersOf: room, after: .zero, limit: FollowUp.peeks + 1)
            count += peeks.count
            // Who peeks into so many has a follow-up of their own.
            if peeks.count > FollowUp.peeks {
                try begin(.ofMember(member, room), in: context)
            } else {
                _ = try followFirst(of: peeks, in: context)
            }
            last = joined
        }
        return nil
    }

    /// Follows the audience in the first peeks; returns where the others begin, nil when these were all.
    private func followFirst(of peeks: [StoredPeek], in context: WriteContext) throws -> FollowUp.Cursor? {
        try follow(Array(peeks.prefix(FollowUp.peeks)), in: context)
        return peeks.count > FollowUp.peeks ? .peek(peeks[FollowUp.peeks - 1].started) : nil
    }
}

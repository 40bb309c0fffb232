import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore

extension WriteContext {
    /// Takes the first step of a follow-up in this operation, and leaves the others to ``FollowUps``.
    func begin(_ followUp: FollowUp) throws {
        guard let cursor = try step(of: followUp, from: nil) else { return }
        let generation = "\(nextPosition().rawValue)"
        if let name = followUp.storedName { try transaction.meta.noteUnfinished(name, generation: generation) }
        if case .audience(let scope) = followUp { tell(.audienceChanged(scope)) }
        let followUps = followUps
        afterCommit { followUps.add(FollowUpQueue.Pending(followUp: followUp, cursor: cursor, generation: generation)) }
    }

    /// Goes through a bounded number of rooms or peeks; returns where the next step begins, nil when all is done.
    ///
    /// A room that refuses it, or that cannot be read, is passed over: no room decides over the others, nor over what a user is called.
    func step(of followUp: FollowUp, from cursor: FollowUp.Cursor?) throws -> FollowUp.Cursor? {
        switch followUp {
        case .memberEvents(let user):
            guard let profile = try profileRoom(of: user), try room(profile) != nil else { return nil }
            let content = try profileContent(of: user)
            return try step(through: [.join], of: user, from: cursor) { room in
                let standing = try state(.member(user), in: room)?.content ?? [:]
                var member = standing
                member["membership"] = "join"
                member["displayname"] = content["displayname"]
                member["avatar_url"] = content["avatar_url"]
                member["join_authorised_via_users_server"] = nil
                if member == standing { return }
                try sendMembership(member, of: user, by: user, in: room)
            }
        case .departure(let user):
            return try step(through: [.join, .invite, .knock], of: user, from: cursor) { room in
                try sendMembership(["membership": "leave"], of: user, by: user, in: room)
            }
        case .audience(let scope): return try step(through: scope, from: cursor)
        }
    }

    private func step(
        through memberships: [Membership], of user: UserID, from cursor: FollowUp.Cursor?,
        _ body: (RoomID) throws -> Void
    ) throws -> FollowUp.Cursor? {
        var after: RoomID?
        if case .room(let room)? = cursor { after = room }
        let rooms = try transaction.memberships.ordinaryRooms(
            of: user, among: memberships, after: after, limit: FollowUp.rooms + 1)
        for room in rooms.prefix(FollowUp.rooms) {
            do {
                _ = try requireRoom(room)
                try body(room)
            } catch is SendError {
                continue
            } catch StoreError.corrupt(let place) {
                UnreadableRows.passedOver(place, of: user.rawValue)
            } catch let error where !(error is WriteError || StoreError.isFailure(error)) {
                RefusedParts.passedOver(of: user)
            }
        }
        return rooms.count > FollowUp.rooms ? .room(rooms[FollowUp.rooms - 1]) : nil
    }

    private func step(through scope: AudienceScope, from cursor: FollowUp.Cursor?) throws -> FollowUp.Cursor? {
        var after = StreamPosition.zero
        if case .peek(let position)? = cursor { after = position }
        switch scope {
        case .intoProfile(let room):
            return try follow(try transaction.peeks.live(in: room, after: after, limit: FollowUp.peeks + 1))
        case .ofMember(let user, let room):
            return try follow(
                try transaction.peeks.live(
                    of: user, intoProfilesOfMembersOf: room, after: after, limit: FollowUp.peeks + 1))
        case .ofViewer(let user):
            return try follow(
                try transaction.peeks.liveIntoProfiles(of: user, after: after, limit: FollowUp.peeks + 1).map(\.peek))
        case .betweenMembers(let room):
            var last: UserID?
            if case .user(let user)? = cursor { last = user }
            var count = 0
            let members = try transaction.memberships.members(of: room, after: last, limit: FollowUp.peeks + 1)
            for (number, member) in members.enumerated() {
                if number == FollowUp.peeks || count >= FollowUp.peeks { return last.map { .user($0) } }
                let peeks = try transaction.peeks.live(
                    of: member, intoProfilesOfMembersOf: room, after: .zero, limit: FollowUp.peeks + 1)
                count += peeks.count
                // Who peeks into so many has a follow-up of their own.
                if peeks.count > FollowUp.peeks {
                    try begin(.audience(.ofMember(member, room)))
                } else {
                    _ = try follow(peeks)
                }
                last = member
            }
            return nil
        }
    }

    /// Follows the audience in the first peeks; returns where the others begin, nil when these were all.
    private func follow(_ peeks: [StoredPeek]) throws -> FollowUp.Cursor? {
        try followAudience(in: Array(peeks.prefix(FollowUp.peeks)))
        return peeks.count > FollowUp.peeks ? .peek(peeks[FollowUp.peeks - 1].started) : nil
    }
}

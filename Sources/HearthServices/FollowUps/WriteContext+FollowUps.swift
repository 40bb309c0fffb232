import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore

extension WriteContext {
    /// Takes the first step of a follow-up in this operation, and leaves the others to ``FollowUps``.
    func begin(_ followUp: FollowUp) throws {
        guard let cursor = try step(of: followUp, from: nil) else { return }
        try leave(followUp, from: cursor, generation: "\(nextPosition().rawValue)")
    }

    /// A change of a user's name or picture goes into the member events, behind those changes that have not come to all rooms yet.
    func beginMemberEvents(
        of user: UserID, _ propagation: ProfilePropagation, of field: String, from before: JSON?, to after: JSON?
    ) throws {
        if propagation == .none { return }
        let followUp = FollowUp.memberEvents(of: user)
        guard let name = followUp.storedName else { return }
        let standing = try transaction.meta.unfinished(name)
        var rules = try standing.map { try memberFieldRules($0, of: user) } ?? MemberFieldRules()
        rules.note(propagation, of: field, from: before, to: after)
        let cursor = try step(of: rules, of: user, from: nil)
        // What waits in memory for the old changes finds that it is not needed any more.
        if let standing { try transaction.meta.noteFinished(name, generation: standing) }
        guard let cursor else { return }
        try leave(
            followUp, from: cursor, generation: "\(nextPosition().rawValue) \(String(decoding: rules.json.bytes, as: UTF8.self))")
    }

    private func leave(_ followUp: FollowUp, from cursor: FollowUp.Cursor, generation: String) throws {
        if let name = followUp.storedName { try transaction.meta.noteUnfinished(name, generation: generation) }
        if case .audience(let scope) = followUp { tell(.audienceChanged(scope)) }
        let followUps = followUps
        afterCommit { followUps.add(FollowUpQueue.Pending(followUp: followUp, cursor: cursor, generation: generation)) }
    }

    /// Goes through a bounded number of rooms or peeks; returns where the next step begins, nil when all is done.
    ///
    /// A room that refuses it, or that cannot be read, is passed over: no room decides over the others, nor over what a user is called.
    func step(of pending: FollowUpQueue.Pending) throws -> FollowUp.Cursor? {
        guard case .memberEvents(let user) = pending.followUp, let name = pending.followUp.storedName else {
            return try step(of: pending.followUp, from: pending.cursor)
        }
        guard try transaction.meta.unfinished(name) == pending.generation else { return nil }
        return try step(of: try memberFieldRules(pending.generation, of: user), of: user, from: pending.cursor)
    }

    /// What a need of the store says; where it says nothing, as older versions did, the profile goes into all rooms.
    private func memberFieldRules(_ generation: String, of user: UserID) throws -> MemberFieldRules {
        if let start = generation.firstIndex(of: "{") {
            do throws(JSONParseError) {
                let json = try JSON(parsing: Array(generation[start...].utf8), options: .stored)
                return MemberFieldRules(json.objectValue ?? [:])
            } catch {
                throw StoreError.corrupt("meta.value")
            }
        }
        var rules = MemberFieldRules()
        let content = try profileContent(of: user)
        for field in MemberFieldRules.fields { rules.note(.all, of: field, from: nil, to: content[field]) }
        return rules
    }

    private func step(of rules: MemberFieldRules, of user: UserID, from cursor: FollowUp.Cursor?) throws -> FollowUp.Cursor? {
        guard let profile = try profileRoom(of: user), try room(profile) != nil else { return nil }
        return try step(through: [.join], of: user, from: cursor) { room in
            let standing = try state(.member(user), in: room)?.content ?? [:]
            var member = rules.applied(to: standing)
            if member == standing { return }
            member["membership"] = "join"
            try sendMembership(member, of: user, by: user, in: room)
        }
    }

    private func step(of followUp: FollowUp, from cursor: FollowUp.Cursor?) throws -> FollowUp.Cursor? {
        switch followUp {
        case .memberEvents: return nil
        case .departure(let user):
            return try step(through: [.join, .invite, .knock], of: user, from: cursor) { room in
                try sendMembership(["membership": "leave"], of: user, by: user, in: room)
            }
        case .keyBackups(let user):
            let count = try transaction.keyBackupSessions.deleteSome(FollowUp.sessions, of: user)
            return count == FollowUp.sessions ? .user(user) : nil
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
            // Who has not joined is in nobody's audience because of this room, and each change of a membership has a follow-up of its own.
            var last = StreamPosition.zero
            if case .member(let position)? = cursor { last = position }
            var count = 0
            let members = try transaction.memberships.joined(in: room, after: last, limit: FollowUp.peeks + 1)
            for (number, (member, joined)) in members.enumerated() {
                if number == FollowUp.peeks || count >= FollowUp.peeks { return .member(last) }
                let peeks = try transaction.peeks.live(
                    of: member, intoProfilesOfMembersOf: room, after: .zero, limit: FollowUp.peeks + 1)
                count += peeks.count
                // Who peeks into so many has a follow-up of their own.
                if peeks.count > FollowUp.peeks {
                    try begin(.audience(.ofMember(member, room)))
                } else {
                    _ = try follow(peeks)
                }
                last = joined
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

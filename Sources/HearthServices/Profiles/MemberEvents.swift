import HearthStore
import MatrixModel
import RoomRules

/// A change of a user's name or picture goes into the member events of the rooms that the user is in: of the first ones in the operation that
/// makes it, of the others soon after.
struct MemberEvents: Sendable {
    let followUps: FollowUpQueue

    /// Puts a change behind those that have not come to all rooms yet.
    func begin(
        of user: UserID, _ propagation: ProfilePropagation, of field: String, from before: JSON?, to after: JSON?,
        in context: WriteContext
    ) throws {
        if propagation == .none { return }
        let followUp = FollowUp.memberEvents(of: user)
        guard let name = followUp.storedName else { return }
        let standing = try context.transaction.meta.unfinished(name)
        var rules = try standing.map { try Self.rules(in: $0, of: user, context: context) } ?? MemberFieldRules()
        rules.note(propagation, of: field, from: before, to: after)
        let cursor = try Self.step(by: rules, of: user, from: nil, in: context)
        // What waits in memory for the old changes finds that it is not needed any more.
        if let standing { try context.transaction.meta.noteFinished(name, generation: standing) }
        guard let cursor else { return }
        let generation = "\(context.nextPosition().rawValue) \(String(decoding: rules.json.bytes, as: UTF8.self))"
        try followUps.leave(followUp, from: cursor, generation: generation, in: context)
    }

    /// Goes on with what ``begin(of:_:of:from:to:in:)`` left.
    static func step(_ pending: FollowUpQueue.Pending, in context: WriteContext) throws -> FollowUp.Cursor? {
        guard case .memberEvents(let user) = pending.followUp, let name = pending.followUp.storedName,
            try context.transaction.meta.unfinished(name) == pending.generation
        else { return nil }
        let rules = try rules(in: pending.generation, of: user, context: context)
        return try step(by: rules, of: user, from: pending.cursor, in: context)
    }

    private static func step(
        by rules: MemberFieldRules, of user: UserID, from cursor: FollowUp.Cursor?, in context: WriteContext
    ) throws -> FollowUp.Cursor? {
        guard let profile = try context.profileRoom(of: user), try context.room(profile) != nil else { return nil }
        return try FollowUp.step(through: [.join], of: user, from: cursor, in: context) { room in
            let standing = try context.state(.member(user), in: room)?.content ?? [:]
            var member = rules.applied(to: standing)
            if member == standing { return }
            member["membership"] = "join"
            try context.sendMembership(member, of: user, by: user, in: room)
        }
    }

    /// What a need of the store says; where it says nothing, as older versions did, the profile goes into all rooms.
    private static func rules(in generation: String, of user: UserID, context: WriteContext) throws -> MemberFieldRules {
        if let start = generation.firstIndex(of: "{") {
            do throws(JSONParseError) {
                let json = try JSON(parsing: Array(generation[start...].utf8), options: .stored)
                return MemberFieldRules(json.objectValue ?? [:])
            } catch {
                throw StoreError.corrupt("meta.value")
            }
        }
        var rules = MemberFieldRules()
        let content = try context.profileContent(of: user)
        for field in MemberFieldRules.fields { rules.note(.all, of: field, from: nil, to: content[field]) }
        return rules
    }
}

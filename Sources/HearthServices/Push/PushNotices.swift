import HearthStore
import MatrixModel
import PushCore
import RoomRules
import SubscriptionCore

/// Weighs each event of an ordinary room by the push rules of its members, in the transaction that stores it.
///
/// Events of the timeline alone notify, and only as they happen; who is a member follows the state.
struct PushNotices: RoomFollower {
    let push: PushBook

    func follow(_ change: RoomChange, in context: WriteContext) throws {
        guard change.profileOwner == nil else { return }
        if let redacted = change.redacted { try silence(redacted, in: context) }
        let known = context.takeMemo(PushRoster.self, of: change.room).map {
            Self.updated($0, by: change, server: context.server)
        }
        guard let event = change.event, change.origin.isLive else {
            if let known { context.keepMemo(known, of: change.room) }
            return
        }
        let roster = try known ?? Self.readRoster(of: change.room, in: context)
        try weigh(event, for: roster, in: context)
        context.keepMemo(roster, of: change.room)
    }

    /// What an event meant to anybody goes with what it said.
    private func silence(_ redacted: PersistedEvent, in context: WriteContext) throws {
        let table = context.transaction.pushNotices
        if try table.notices(of: redacted).concernsAnybody { try table.silence(redacted.position, in: redacted.roomID) }
    }

    /// Keeps what an event means to whom, where that is not what its type has it, and tells the pushers of those whom it notifies.
    private func weigh(_ event: PersistedEvent, for roster: PushRoster, in context: WriteContext) throws {
        let pushEvent = PushEvent(event)
        let room = try Self.pushRoom(of: event.roomID, sender: event.sender, memberCount: roster.count, in: context)
        let (notices, notified) = push.withState(in: context) { state in
            let notices = roster.notices(of: pushEvent, in: room, rules: state.rules)
            return (notices, Self.notified(by: event, notices, in: roster, state: state, pushEvent: pushEvent, room: room))
        }
        if notices != .standard(for: event.type, isState: event.stateKey != nil) {
            try context.transaction.pushNotices.insert(notices, at: event.position, in: event.roomID)
            context.tell(
                .notices(NoticedEvent(position: event.position, sender: event.sender, notices: notices), in: event.roomID))
        }
        if notified.isEmpty { return }
        let push = push
        context.afterCommit { push.noticed(notified, at: event.position) }
    }

    /// The users with pushers whom an event notifies: members, and the one who is invited by it.
    private static func notified(
        by event: PersistedEvent, _ notices: EventNotices, in roster: PushRoster, state: PushBook.State, pushEvent: PushEvent,
        room: PushRoom
    ) -> [UserID] {
        if state.desk.count == 0 { return [] }
        var users: [UserID] = []
        if notices.concernsAnybody {
            users = state.desk.users(among: roster.users) {
                roster.member($0) != nil
            } where: {
                $0 != event.sender && notices.level(for: $0) > .none
            }
        }
        if event.membership == .invite, let invited = event.stateKey.flatMap({ UserID($0) }), state.desk.hasPusher(invited) {
            let rules = state.rules[invited] ?? .standard
            let member = PushMember(user: invited, displayName: nil)
            if rules.verdict(on: pushEvent, in: room, for: member).notifies { users.append(invited) }
        }
        return users
    }

    private static func readRoster(of room: RoomID, in context: WriteContext) throws -> PushRoster {
        var roster = PushRoster()
        for member in try context.transaction.state.events(ofType: .member, in: room) where member.membership == .join {
            guard let user = member.stateKey.flatMap({ UserID($0) }), context.server.isLocal(user) else { continue }
            roster.set(user, displayName: member.content["displayname"]?.stringValue)
        }
        return roster
    }

    private static func updated(_ roster: consuming PushRoster, by change: RoomChange, server: ServerIdentity) -> PushRoster {
        for delta in change.state where delta.key.type == .member {
            guard let user = UserID(delta.key.key), server.isLocal(user) else { continue }
            if let member = delta.after, member.membership == .join {
                roster.set(user, displayName: member.content["displayname"]?.stringValue)
            } else {
                roster.remove(user)
            }
        }
        return roster
    }

    private static func pushRoom(
        of room: RoomID, sender: UserID, memberCount: Int, in context: WriteContext
    ) throws -> PushRoom {
        guard let create = try context.state(.create, in: room) else {
            return PushRoom(memberCount: memberCount, senderLevel: 0, notificationLevels: [:])
        }
        return PushRoom(
            create: create, powerLevels: try context.state(.powerLevels, in: room), sender: sender, memberCount: memberCount)
    }
}

extension PushRoom {
    init(create: SignedEvent, powerLevels: SignedEvent?, sender: UserID, memberCount: Int) {
        let senderLevel: Int64 =
            switch PowerLevels(create: create, powerLevels: powerLevels).level(of: sender) {
            case .level(let level): level
            case .creator: .max
            }
        self.init(
            memberCount: memberCount, senderLevel: senderLevel,
            notificationLevels: powerLevels?.content["notifications"]?.objectValue ?? [:])
    }
}

import HearthStore
import MatrixModel
import PushCore
import RoomRules
import SubscriptionCore

/// Every event of an ordinary room is weighed by the push rules of its members, in the transaction that stores it.
extension WriteContext {
    /// Keeps what an event means to whom, where that is not what its type has it, and tells the pushers of those whom it notifies.
    func weigh(_ event: PersistedEvent) throws {
        try followRoster(of: event)
        guard let roster = memory.rooms[event.roomID]?.roster else { return }
        let pushEvent = PushEvent(event)
        let room = try pushRoom(of: event.roomID, sender: event.sender, memberCount: roster.count)
        let (notices, notified) = push.withState { state in
            let notices = roster.notices(of: pushEvent, in: room, rules: state.rules)
            return (notices, Self.notified(by: event, notices, in: roster, state: state, pushEvent: pushEvent, room: room))
        }
        if notices != .standard(for: event.type, isState: event.stateKey != nil) {
            try transaction.pushNotices.insert(notices, at: event.position, in: event.roomID)
            tell(.notices(NoticedEvent(position: event.position, sender: event.sender, notices: notices), in: event.roomID))
        }
        if notified.isEmpty { return }
        let push = push
        afterCommit { push.noticed(notified, at: event.position) }
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

    /// Brings the room's roster up to the event; reads it from the store when it is not in mind.
    private func followRoster(of event: PersistedEvent) throws {
        let room = event.roomID
        guard memory.rooms[room]?.roster != nil else {
            var roster = PushRoster()
            for member in try transaction.state.events(ofType: .member, in: room) where member.membership == .join {
                guard let user = member.stateKey.flatMap({ UserID($0) }), server.isLocal(user) else { continue }
                roster.set(user, displayName: member.content["displayname"]?.stringValue)
            }
            memory.rooms[room]?.roster = roster
            return
        }
        guard let membership = event.membership, let user = event.stateKey.flatMap({ UserID($0) }), server.isLocal(user) else {
            return
        }
        if membership == .join {
            memory.rooms[room]?.roster?.set(user, displayName: event.content["displayname"]?.stringValue)
        } else {
            memory.rooms[room]?.roster?.remove(user)
        }
    }

    private func pushRoom(of room: RoomID, sender: UserID, memberCount: Int) throws -> PushRoom {
        guard let create = try state(.create, in: room) else {
            return PushRoom(memberCount: memberCount, senderLevel: 0, notificationLevels: [:])
        }
        return PushRoom(create: create, powerLevels: try state(.powerLevels, in: room), sender: sender, memberCount: memberCount)
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

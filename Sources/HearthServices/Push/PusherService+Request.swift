import HearthStore
import MatrixModel
import PushCore
import SubscriptionCore

extension PusherService {
    /// For how long a notification is tried: news of yesterday wake nobody up.
    static let longestAge: Duration = .seconds(24 * 3600)

    /// The body of the notification of one event and where it goes; nil when there is nothing to notify of (any more): the user has read it or
    /// left the room or ignores the sender, it was redacted, the rules say so now, the event is too old, or the pusher is gone.
    func request(
        for pusher: PusherKey, position: StreamPosition, now: MatrixTimestamp
    ) async throws -> (body: [UInt8], url: GatewayURL)? {
        let user = pusher.user
        let rules = push.rules(of: user)
        let notifier = notifier
        let ignored = ignoring.ignored(by: user) ?? .nobody
        return try await store.read { store -> (body: [UInt8], url: GatewayURL)? in
            guard let stored = try store.pushers.pusher(of: user, appID: pusher.appID, pushkey: pusher.pushkey),
                let data = stored.json["data"]?.objectValue, let url = data["url"]?.stringValue.flatMap({ GatewayURL($0) }),
                let event = try store.events.event(at: position), !event.isLane, !ignored.hides(event.sender, at: position),
                event.originServerTS.advanced(by: Self.longestAge) > now, try Self.concerns(event, user, store: store),
                // What was redacted concerns nobody; nor does an invitation, beside the one who is invited.
                try event.membership == .invite || store.pushNotices.notices(of: event).concernsAnybody,
                !notifier.ask({ $0.hasRead(user, in: event.roomID, upTo: position) })
            else { return nil }
            let verdict = try Self.verdict(of: rules, on: event, for: user, store: store)
            guard verdict.notifies else { return nil }
            func text(_ key: StateKey, _ member: String) throws -> String? {
                try store.state.event(key, in: event.roomID)?.content[member]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            }
            let notification = PushNotification(
                event: event, verdict: verdict, user: user, senderName: try text(.member(event.sender), "displayname"),
                roomName: try text(StateKey(.name), "name"), roomAlias: try text(StateKey(.canonicalAlias), "alias"),
                unread: notifier.ask { $0.unreadNotifications(of: user) })
            let device = PushDevice(appID: stored.appID, pushkey: stored.pushkey, set: stored.set, data: data)
            return (notification.body(for: device).bytes, url)
        }
    }

    /// Whether the user is in the room, or this is the invitation that stands.
    private static func concerns(_ event: PersistedEvent, _ user: UserID, store: StoreTransaction) throws -> Bool {
        guard let membership = try store.memberships.membership(of: user, in: event.roomID) else { return false }
        switch membership.membership {
        case .join: return true
        case .invite: return event.membership == .invite && event.stateKey.map { $0.hasSameBytes(as: user.rawValue) } ?? false
        case .leave, .ban, .knock: return false
        }
    }

    static func verdict(
        of rules: PushRuleset, on event: PersistedEvent, for user: UserID, store: StoreTransaction
    ) throws -> PushVerdict {
        guard let create = try store.events.signedState(.create, in: event.roomID) else { return PushVerdict() }
        let room = PushRoom(
            create: create, powerLevels: try store.events.signedState(.powerLevels, in: event.roomID), sender: event.sender,
            memberCount: try store.memberships.joinedCount(in: event.roomID))
        let name = try store.state.event(.member(user), in: event.roomID)?.content["displayname"]?.stringValue
        return rules.verdict(on: PushEvent(event), in: room, for: PushMember(user: user, displayName: name))
    }
}

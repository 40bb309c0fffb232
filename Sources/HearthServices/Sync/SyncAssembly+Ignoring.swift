import HearthStore
import MatrixModel
import SubscriptionCore

/// What a sync leaves out because its user ignores others. Their messages the timeline's filter leaves out.
extension SyncAssembly {
    /// Of whom nothing is told. To whoever begins anew with a room, what was missed while others were ignored is shown.
    func ignored(isNew: Bool) -> IgnoredUsers? { isNew || token == nil ? plan.ignored?.now : plan.ignored }

    /// Whether an event passes into the timeline of a room that the client knows.
    func passes(_ event: PersistedEvent) -> Bool {
        if let ignored = ignored(isNew: false), ignored.hides(event) { return false }
        return filter.timeline.includes(event)
    }

    /// What passes into the timeline of a room, new to the device or not.
    func timelineFilter(isNew: Bool) -> EventFilter {
        var filter = request.filter.timeline
        filter.ignored = ignored(isNew: isNew)
        return filter
    }

    /// The receipts of those who are not ignored.
    func shown(_ receipts: [(receipt: Receipt, position: StreamPosition)], isNew: Bool) -> [Receipt] {
        guard let ignored = ignored(isNew: isNew) else { return receipts.map(\.receipt) }
        return receipts.filter { !ignored.hides($0.receipt.user, at: $0.position) }.map(\.receipt)
    }

    func isHidden(invitationBy inviter: UserID, to room: RoomID, store: StoreTransaction) throws -> Bool {
        guard let ignored = ignored(isNew: false) else { return false }
        guard !ignored.users.contains(inviter) else { return true }
        guard ignored.endings[inviter] != nil, let membership = try store.memberships.membership(of: device.user, in: room) else {
            return false
        }
        return ignored.hides(inviter, at: membership.position)
    }

    /// Whether a room is left because an invitation was taken back that the client was never told of: all who had invited were ignored already.
    func isHidden(_ departure: DeparturePlan, store: StoreTransaction) throws -> Bool {
        guard let ignored = ignored(isNew: false), !ignored.users.isEmpty else { return false }
        let events = try store.events.history(of: .member(device.user), in: departure.room).filter {
            $0.position <= departure.end
        }
        guard let end = events.last, end.membership == .leave, end.sender != device.user else { return false }
        let earlier = events.dropLast()
        let invitations = earlier.reversed().prefix { $0.membership == .invite }
        guard !invitations.isEmpty, invitations.allSatisfy({ ignored.users.contains($0.sender) }) else { return false }
        // Whoever begins anew knows of nothing.
        if token == nil { return earlier.allSatisfy { $0.membership != .join } }
        return invitations.allSatisfy { $0.position > ignored.lastChange }
    }
}

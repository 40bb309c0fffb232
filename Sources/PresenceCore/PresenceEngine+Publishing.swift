public import MatrixModel

/// Publishing: asked for by the one writer inside its transaction.
///
/// The order is ``duePublication(of:at:)``, append the event, ``published(_:of:at:)``. When the transaction fails, what was noted as
/// published is undone by ``rollBack(to:at:)`` or never noted, and ``publishFailed(of:at:)`` has it tried again.
extension PresenceEngine {
    /// What is to be published of a user now, or nil when what stands published is what is due.
    public func duePublication(of user: UserID, at now: Now) -> Publication? {
        guard let number = records.number(of: user), let slot = records.slot(of: number) else { return nil }
        let presence = users[slot].effective(at: now, by: periods).presence
        return users[slot].publishing.publication(of: presence, at: now.wall, by: settings)
    }

    /// A publication stands. `now` is the time it was asked for with, so that what happened in between is not overlooked.
    public mutating func published(_ publication: Publication, of user: UserID, at now: Now) {
        guard let slot = knownSlot(of: user, at: now) else { return }
        users[slot].changes = nextNumber()
        let byHand = users[slot].publishing.published(publication, at: now, by: periods)
        lookAgain(slot, at: now, because: byHand ? .hand : .devices)
    }

    /// A publication could not be made: what is due stays due, and is asked for again after a second.
    public mutating func publishFailed(of user: UserID, at now: Now) {
        guard let slot = knownSlot(of: user, at: now) else { return }
        _ = finish(slot, of: user, at: now, ended: Ended(), because: .devices)
        guard users[slot].publishing.due != .nothing else { return }
        users[slot].publishing.retry = now.monotonic.advanced(by: .seconds(1))
        setDeadlines(of: slot, at: now)
    }

    /// When the user was last published `online`, for the store.
    public func lastOnline(of user: UserID) -> MatrixTimestamp? { entry(of: user)?.publishing.lastOnline }

    /// What stands published; nil before the first publication.
    public func standing(of user: UserID) -> Presence? { entry(of: user)?.publishing.published }

    /// Computes the user's presence again where no actions can be returned: what is due then has a deadline of now.
    mutating func lookAgain(_ slot: Int, at now: Now, because cause: PublishingState.Cause) {
        if users[slot].look(at: now, because: cause, by: periods) { users[slot].publishing.retry = now.monotonic }
        setDeadlines(of: slot, at: now)
    }
}

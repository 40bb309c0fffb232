public import MatrixModel

/// What users set by hand.
///
/// A *firm* choice (`busy`, `offline`, `unavailable` with an expiry or marked as manual) stands until it is cleared or expires. A
/// *soft* `unavailable` never replaces a firm choice, and ends with the user's next activity.
///
/// Beyond MSC3032: a soft `unavailable` does not replace a firm one either, nor does its taking back clear one. To others both look
/// alike, and a client that goes to the background and comes back must not cost its user "unavailable until 3 pm".
extension PresenceEngine {
    /// A device put the user's presence.
    ///
    /// The caller stores ``manualChoice(of:)`` in the same commit, whatever the actions say.
    ///
    /// - Throws: ``PutRefusal``; nothing has changed then.
    public mutating func put(
        _ put: PresencePut, from device: DeviceKey, at now: Now
    ) throws(PutRefusal) -> [PresenceAction] {
        if let expires = put.expires, expires <= now.wall { throw .expiryInThePast }
        guard let slot = slot(for: device.user, at: now) else { return [] }
        users[slot].changes = nextNumber()
        let expired = endExpiredChoice(of: slot, at: now)
        let known = users[slot].index(of: device.device)
        if put.presence == .offline {
            if let known { users[slot].devices[known].lastPutWasSoft = false }
            users[slot].manual = ManualChoice(presence: .offline, expires: put.expires, softDevice: nil)
            return finish(slot, of: device.user, at: now, expired: expired, because: .hand)
        }
        let index = known ?? self.device(device.device, of: slot, at: now.monotonic)
        let claim = users[slot].devices[index].claim(at: now.monotonic, by: periods)
        noteContact(of: device, index: index, slot: slot, at: now)
        if put.hasStatusText, claim?.explicitPresence == put.presence {
            users[slot].devices[index].contactHappened(at: now, by: periods)
            return finish(slot, of: device.user, at: now, expired: expired, because: .devices)
        }
        let isChoice = put.presence == .online ? clear(by: index, of: slot, at: now) : choose(put, by: index, of: slot, at: now)
        return finish(slot, of: device.user, at: now, expired: expired, because: isChoice ? .hand : .devices)
    }

    /// A PUT of `online`: an activity and an explicit claim of the device. Clears the choice, or takes back the device's soft
    /// `unavailable` if that was its last PUT, whatever firm choice stands.
    ///
    /// - Returns: whether it was about the choice.
    private mutating func clear(by index: Int, of slot: Int, at now: Now) -> Bool {
        users[slot].devices[index].onlineWasPut(at: now, by: periods)
        let takesBack = users[slot].devices[index].lastPutWasSoft
        users[slot].devices[index].lastPutWasSoft = false
        if takesBack, let choice = users[slot].manual, !choice.isSoft { return false }
        users[slot].manual = nil
        return true
    }

    /// A PUT of `busy` or `unavailable`.
    ///
    /// - Returns: whether it became the choice.
    private mutating func choose(_ put: PresencePut, by index: Int, of slot: Int, at now: Now) -> Bool {
        users[slot].devices[index].contactHappened(at: now, by: periods)
        let isSoft = put.presence == .unavailable && put.expires == nil && !put.isManual
        users[slot].devices[index].lastPutWasSoft = isSoft
        if isSoft {
            if let choice = users[slot].manual, !choice.isSoft { return false }
            users[slot].manual = ManualChoice(
                presence: .unavailable, expires: nil, softDevice: users[slot].devices[index].id)
            return true
        }
        let standard = put.presence == .busy ? settings.busyExpiresAfter : settings.unavailableExpiresAfter
        users[slot].manual = ManualChoice(
            presence: put.presence, expires: put.expires ?? now.wall.advanced(by: standard), softDevice: nil)
        return true
    }

    /// The choice was cleared (DELETE): back to automatic, without counting as anything else.
    public mutating func manualChoiceCleared(of user: UserID, at now: Now) -> [PresenceAction] {
        guard let slot = knownSlot(of: user, at: now), users[slot].manual != nil else { return [] }
        users[slot].changes = nextNumber()
        users[slot].manual = nil
        return finish(slot, of: user, at: now, expired: false, because: .hand)
    }

    /// The choice as it is to be stored.
    public func manualChoice(of user: UserID) -> ManualChoice? { entry(of: user)?.manual }

    /// Whether a choice to appear offline is in force.
    public func isHiding(_ user: UserID) -> Bool { manualChoice(of: user)?.presence == .offline }
}

public import MatrixModel

/// Facts about devices: syncs, activities, pushers, log-outs.
///
/// A request can be on its way while its device is logged out. So a fact about a device that the engine does not know asks `isLoggedIn`
/// first, and counts only if the answer is true: a device never comes back after its log-out. A device that is known has not been logged out.
extension PresenceEngine {
    /// A `/sync` began. Hand the handle to ``syncEnded(_:at:)`` when it is answered or its client is gone.
    ///
    /// - Parameter isLoggedIn: whether the device is logged in; asked only about a device that is not known.
    public mutating func syncStarted(
        _ device: DeviceKey, claim: SyncClaim, at now: Now, isLoggedIn: @autoclosure () -> Bool = true
    ) -> (SyncHandle, [PresenceAction]) {
        guard let slot = slot(for: device.user, at: now), users[slot].knows(device.device) || isLoggedIn() else {
            return (SyncHandle(device: device, sync: nil), [])
        }
        guard let deviceClaim = claim.deviceClaim else {
            // Says nothing. That it does is remembered, for what the device puts.
            let index = self.device(device.device, of: slot, at: now.monotonic)
            users[slot].devices[index].silentSyncStarted()
            users[slot].touched = now.monotonic
            return (SyncHandle(device: device, sync: nil), [])
        }
        var ended = endWhatIsOver(of: slot, at: now)
        let index = self.device(device.device, of: slot, at: now.monotonic)
        let claimedBefore = users[slot].devices[index].claimsExplicitOnline(at: now.monotonic, by: periods)
        let endsAway = deviceClaim == .explicitOnline && !claimedBefore
        if endsAway { users[slot].awayEnded = nextNumber() }
        if deviceClaim.explicitPresence != nil { users[slot].devices[index].spoke = nextNumber() }
        if !users[slot].choices.isEmpty {
            ended.choices =
                ended.choices
                + users[slot].choices.end { choice in
                    if choice.isAway { return endsAway }
                    return choice.endsWithSync && choice.maker == .device(device.device) && deviceClaim.explicitPresence != nil
                }
        }
        noteContact(of: device, index: index, slot: slot, at: now)
        users[slot].devices[index].syncStarted(deviceClaim, at: now, by: periods)
        let handle = SyncHandle(
            device: device,
            sync: SyncHandle.Sync(
                number: openSyncs.begin(), user: users[slot].number, incarnation: users[slot].devices[index].incarnation,
                claim: deviceClaim))
        return (handle, finish(slot, of: device.user, at: now, ended: ended, because: .devices))
    }

    /// A `/sync` ended. Does nothing for one that has ended already, was silent, or whose device was logged out meanwhile.
    public mutating func syncEnded(_ handle: SyncHandle, at now: Now) -> [PresenceAction] {
        guard let sync = handle.sync, openSyncs.end(sync.number) else { return [] }
        let slot = awake(sync.user, at: now.monotonic)
        guard let index = users[slot].index(of: handle.device.device, incarnation: sync.incarnation) else { return [] }
        let ended = endWhatIsOver(of: slot, at: now)
        noteContact(of: handle.device, index: index, slot: slot, at: now)
        users[slot].devices[index].syncEnded(sync.claim, at: now)
        return finish(slot, of: handle.device.user, at: now, ended: ended, because: .devices)
    }

    /// A device sent an event, a receipt, typing or a read marker.
    ///
    /// - Parameter isLoggedIn: whether the device is logged in; asked only about a device that is not known.
    public mutating func activityHappened(
        on device: DeviceKey, at now: Now, isLoggedIn: @autoclosure () -> Bool = true
    ) -> [PresenceAction] {
        guard let slot = slot(for: device.user, at: now), users[slot].knows(device.device) || isLoggedIn() else { return [] }
        var ended = endWhatIsOver(of: slot, at: now)
        ended.choices = ended.choices + users[slot].choices.end { $0.isAway }
        users[slot].awayEnded = nextNumber()
        let index = self.device(device.device, of: slot, at: now.monotonic)
        noteContact(of: device, index: index, slot: slot, at: now)
        users[slot].devices[index].activityHappened(at: now, by: periods)
        return finish(slot, of: device.user, at: now, ended: ended, because: .devices)
    }

    /// A device's pusher works from now on, or does not any more (removed, or failing for long).
    ///
    /// - Parameter isLoggedIn: whether the device is logged in; asked only about a device that is not known.
    public mutating func pusherChanged(
        of device: DeviceKey, isWorking: Bool, at now: Now, isLoggedIn: @autoclosure () -> Bool = true
    ) -> [PresenceAction] {
        guard isWorking || entry(of: device.user)?.index(of: device.device) != nil,
            let slot = slot(for: device.user, at: now), users[slot].knows(device.device) || isLoggedIn()
        else { return [] }
        let ended = endWhatIsOver(of: slot, at: now)
        let index = self.device(device.device, of: slot, at: now.monotonic)
        users[slot].devices[index].hasWorkingPusher = isWorking
        users[slot].devices[index].revision &+= 1
        return finish(slot, of: device.user, at: now, ended: ended, because: .devices)
    }

    /// A device was logged out: its claim, its choice and its call are gone at once. When nothing reachable is left, or the device had a
    /// choice, the result is published at once.
    public mutating func deviceLoggedOut(_ device: DeviceKey, at now: Now) -> [PresenceAction] {
        guard let slot = knownSlot(of: device.user, at: now) else { return [] }
        var ended = endWhatIsOver(of: slot, at: now)
        users[slot].devices.removeAll { $0.id == device.device }
        users[slot].noteLogOut(of: device.device, number: nextNumber(), at: now.monotonic)
        ended.choices = ended.choices + users[slot].choices.end { $0.maker.device == device.device }
        if users[slot].call?.claim.device == device.device {
            users[slot].call = nil
            ended.call = true
        }
        changedContacts[device] = nil
        let wasLast = !users[slot].isReachable(at: now.monotonic, by: periods)
        return finish(slot, of: device.user, at: now, ended: ended, because: wasLast ? .hand : .devices)
    }

    /// A user was deactivated: sources, choices and call are deleted, `offline` is due, and nothing of the user counts any more.
    public mutating func userDeactivated(_ user: UserID, at now: Now) -> [PresenceAction] {
        guard let slot = slot(for: user, at: now) else { return [] }
        users[slot].changes = nextNumber()
        for device in users[slot].devices { changedContacts[DeviceKey(user: user, device: device.id)] = nil }
        users[slot].devices = []
        users[slot].choices = PresenceChoices()
        users[slot].call = nil
        users[slot].isDeactivated = true
        return finish(slot, of: user, at: now, ended: Ended(), because: .hand)
    }

    /// The last contacts that changed since the last call, cut to the minute: for the store, now and then, on no request's path.
    public mutating func takeChangedContacts() -> [(DeviceKey, MatrixTimestamp)] {
        defer { changedContacts = [:] }
        return changedContacts.map { ($0.key, $0.value) }
    }

    /// Takes back last contacts that could not be stored, where none that is newer is to be.
    public mutating func contactsWereNotStored(_ contacts: [(DeviceKey, MatrixTimestamp)]) {
        changedContacts.merge(contacts) { newer, _ in newer }
    }

    /// Remembers a contact for the store if it is the device's first in this minute. Call before the device hears of it.
    mutating func noteContact(of device: DeviceKey, index: Int, slot: Int, at now: Now) {
        let minute = now.wall.cutToMinute
        let isNew = users[slot].devices[index].contactEnd == DeviceState.never
        guard isNew || users[slot].devices[index].contactWall.cutToMinute != minute else { return }
        changedContacts[device] = minute
    }
}

extension MatrixTimestamp {
    fileprivate var cutToMinute: MatrixTimestamp { MatrixTimestamp(milliseconds: milliseconds - milliseconds % 60_000) }
}

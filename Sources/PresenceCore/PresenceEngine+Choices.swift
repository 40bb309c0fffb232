public import MatrixModel

/// What people and programs set by PUT.
///
/// | kind | made by | ended by these and nothing else |
/// |---|---|---|
/// | user's choice | a marked `busy`, `unavailable`, `offline` | DELETE; a marked `online`; the next user's choice; its expiry |
/// | device's choice | a bare `busy` or `offline` | DELETE; a marked `online`; the device's next bare `busy`, `offline` or `online`; its log-out; its expiry; for an `offline` put while the device's syncs were silent, its next sync that says something |
/// | soft away | a bare `unavailable` | DELETE; a marked `online`; an activity; an explicit `online` that a device did not claim before; its device's log-out |
///
/// A bare `online` after the same device's bare `unavailable` is a return to the foreground: it leaves that device's `busy`.
extension PresenceEngine {
    /// A device put the user's presence.
    ///
    /// The caller stores ``choices(of:)`` in the same commit, whatever the actions say.
    ///
    /// - Throws: ``PutRefusal``; nothing has changed then.
    public mutating func put(
        _ put: PresencePut, from device: DeviceKey, at now: Now
    ) throws(PutRefusal) -> [PresenceAction] {
        if let expires = put.expires, expires <= now.wall { throw .expiryInThePast }
        guard let slot = slot(for: device.user, at: now) else { return [] }
        users[slot].changes = nextNumber()
        var ended = endWhatIsOver(of: slot, at: now)
        let isStatus = !put.isMarked && put.hasStatus && isStatusAlone(put.presence, from: device.device, in: slot, at: now)
        let isSilent = users[slot].index(of: device.device).map { users[slot].devices[$0].isSilent } ?? false
        if put.presence != .offline { contactByPut(of: put.presence, from: device, in: slot, at: now) }
        if put.isMarked {
            ended.choices = ended.choices + choose(put, in: slot, at: now)
        } else if !isStatus {
            ended.choices = ended.choices + setByDevice(put.presence, device.device, isSilent: isSilent, in: slot, at: now)
        }
        return finish(slot, of: device.user, at: now, ended: ended, stores: false, because: .devices)
    }

    /// Whether a bare PUT with a status says of presence only what is so already: then a client wanted to set the status.
    private func isStatusAlone(_ presence: Presence, from device: DeviceID, in slot: Int, at now: Now) -> Bool {
        let known = users[slot].index(of: device)
        let effective = users[slot].effective(at: now, by: periods)
        if presence == .offline {
            return effective.reason == .manualOffline || known.map { users[slot].devices[$0].isSilent } ?? false
        }
        let claim = known.flatMap { users[slot].devices[$0].claim(at: now.monotonic, by: periods) }
        return claim?.explicitPresence == presence || effective.presence == presence
    }

    /// Every PUT but of `offline` is a contact; one of `online` is an explicit claim and an activity too.
    private mutating func contactByPut(of presence: Presence, from device: DeviceKey, in slot: Int, at now: Now) {
        let index = self.device(device.device, of: slot, at: now.monotonic)
        noteContact(of: device, index: index, slot: slot, at: now)
        if presence == .online {
            users[slot].devices[index].onlineWasPut(at: now, by: periods)
        } else {
            users[slot].devices[index].contactHappened(at: now, by: periods)
        }
    }

    /// A marked PUT: makes the user's choice, or ends everything.
    ///
    /// - Returns: `chosen` for whatever is to be published at once: a choice that was made, replaced or ended.
    private mutating func choose(_ put: PresencePut, in slot: Int, at now: Now) -> EndedChoices {
        if put.presence == .online { return users[slot].choices.end { _ in true } }
        let standard = standardEnd(of: put.presence, at: now)
        users[slot].choices.make(PresenceChoice(.user, put.presence, expires: put.expires ?? standard))
        return EndedChoices(chosen: true)
    }

    /// A bare PUT.
    private mutating func setByDevice(
        _ presence: Presence, _ device: DeviceID, isSilent: Bool, in slot: Int, at now: Now
    ) -> EndedChoices {
        switch presence {
        case .offline:
            users[slot].choices.make(PresenceChoice(.device(device), .offline, endsWithSync: isSilent))
            return EndedChoices(chosen: true)
        case .busy:
            users[slot].choices.make(PresenceChoice(.device(device), .busy, expires: standardEnd(of: .busy, at: now)))
            return EndedChoices(chosen: true)
        case .unavailable:
            users[slot].choices.make(PresenceChoice(.away(device), .unavailable))
            users[slot].choices.noteBackground(of: device, true)
            return EndedChoices(away: true)
        case .online:
            let ended = users[slot].choices.end { choice in
                choice.isAway || choice.maker == .device(device) && !(choice.presence == .busy && choice.isInBackground)
            }
            users[slot].choices.noteBackground(of: device, false)
            return ended
        }
    }

    private func standardEnd(of presence: Presence, at now: Now) -> MatrixTimestamp? {
        switch presence {
        case .busy: now.wall.advanced(by: settings.busyExpiresAfter)
        case .unavailable: now.wall.advanced(by: settings.unavailableExpiresAfter)
        case .offline, .online: nil
        }
    }

    /// A person's choice came on another way than a PUT: nil ends it, and what devices chose stays. No contact.
    ///
    /// The caller stores ``choices(of:)`` in the same commit.
    public mutating func userChose(_ presence: Presence?, of user: UserID, at now: Now) -> [PresenceAction] {
        guard let slot = presence == nil ? knownSlot(of: user, at: now) : slot(for: user, at: now) else { return [] }
        users[slot].changes = nextNumber()
        var ended = endWhatIsOver(of: slot, at: now)
        if let presence, presence != .online {
            ended.choices = ended.choices + choose(PresencePut(presence: presence, isManual: true), in: slot, at: now)
        } else {
            ended.choices = ended.choices + users[slot].choices.end { $0.maker == .user }
        }
        return finish(slot, of: user, at: now, ended: ended, stores: false, because: .devices)
    }

    /// Choices were deleted: all of them, or one device's alone. Counts as nothing else.
    ///
    /// The caller stores ``choices(of:)`` in the same commit.
    public mutating func choicesDeleted(of user: UserID, device: DeviceID? = nil, at now: Now) -> [PresenceAction] {
        guard let slot = knownSlot(of: user, at: now), !users[slot].choices.isEmpty else { return [] }
        users[slot].changes = nextNumber()
        var ended = endWhatIsOver(of: slot, at: now)
        ended.choices = ended.choices + users[slot].choices.end { device == nil || $0.maker.device == device }
        return finish(slot, of: user, at: now, ended: ended, stores: false, because: .devices)
    }

    /// The choices as they are to be stored.
    public func choices(of user: UserID) -> PresenceChoices { entry(of: user)?.choices ?? PresenceChoices() }

    // MARK: Calls

    /// The profile says that the user is on a call.
    ///
    /// The caller stores ``call(of:)`` in the same commit.
    ///
    /// - Parameter device: which device wrote it; nil where that is not known.
    public mutating func callWritten(by device: DeviceID?, of user: UserID, at now: Now) -> [PresenceAction] {
        guard let slot = slot(for: user, at: now) else { return [] }
        users[slot].changes = nextNumber()
        var ended = endWhatIsOver(of: slot, at: now)
        ended.call = false
        users[slot].call = StandingCall(claim: CallClaim(device: device, written: now.wall), written: now.monotonic)
        return finish(slot, of: user, at: now, ended: ended, stores: !ended.choices.isNothing, because: .devices)
    }

    /// The profile no longer says that the user is on a call.
    public mutating func callRemoved(of user: UserID, at now: Now) -> [PresenceAction] {
        guard let slot = knownSlot(of: user, at: now), users[slot].call != nil else { return [] }
        users[slot].changes = nextNumber()
        var ended = endWhatIsOver(of: slot, at: now)
        ended.call = false
        users[slot].call = nil
        return finish(slot, of: user, at: now, ended: ended, stores: !ended.choices.isNothing, because: .devices)
    }

    /// The call as it is to be stored; nil when the user is on none, or the one that was is over.
    public func call(of user: UserID) -> CallClaim? { entry(of: user)?.call?.claim }

    /// Whether an `offline` is in force: then others see of the user what they see of one who has logged out.
    public func isHiding(_ user: UserID, at now: Now) -> Bool {
        entry(of: user)?.choices.inForce(at: now.wall)?.presence == .offline
    }
}

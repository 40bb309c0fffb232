public import MatrixModel

/// Undoing what a write did when its commit fails.
///
/// Undone are the choices, the call, the claims of devices that a PUT touched, and what was noted as published. What else happened
/// meanwhile stays true: syncs in flight, activities, log-outs, and what each of them ends. So a choice that comes back ends again if it
/// met its end after the checkpoint.
extension PresenceEngine {
    /// A user's state before a write.
    public struct Checkpoint: Sendable {
        let user: UserID
        let entry: UserEntry?
    }

    public func checkpoint(of user: UserID) -> Checkpoint {
        Checkpoint(user: user, entry: entry(of: user))
    }

    /// Goes back to the checkpoint. Writes of one transaction may be undone in any order: one that went further back stays.
    ///
    /// - Returns: what is to be stored again: the failed write has left the store with choices and a call that have ended.
    public mutating func rollBack(to checkpoint: Checkpoint, at now: Now) -> [PresenceAction] {
        guard let slot = knownSlot(of: checkpoint.user, at: now) else { return [] }
        let before = checkpoint.entry ?? UserEntry(number: users[slot].number)
        let current = users[slot]
        guard before.rollBacks == current.rollBacks || before.changes < current.rolledBackTo else { return [] }
        users[slot].rollBacks += 1
        users[slot].rolledBackTo = before.changes
        users[slot].choices = before.choices
        users[slot].call = before.call
        users[slot].publishing = before.publishing
        users[slot].isDeactivated = before.isDeactivated
        if current.isDeactivated && !before.isDeactivated {
            users[slot].devices = before.devices.map { device in
                var device = device
                device.syncs = SyncsInFlight()
                device.incarnation = nextNumber()
                return device
            }
        } else {
            users[slot].devices = current.devices.compactMap { device in
                guard let index = before.index(of: device.id) else { return device.revision == 0 ? nil : device.withoutPut() }
                return device.undoingPut(since: before.devices[index])
            }
        }
        let ended = users[slot].endWhatEnded(since: before.changes) + endWhatIsOver(of: slot, at: now)
        lookAgain(slot, at: now, because: ended.choices.chosen ? .hand : .devices)
        let user = checkpoint.user
        return (ended.choices.isNothing ? [] : [.storeChoices(user)]) + (ended.call ? [.removeCall(user)] : [])
    }
}

extension UserEntry {
    /// Ends again what devices have ended since a change, of choices and a call as they were at the change.
    fileprivate mutating func endWhatEnded(since change: UInt64) -> PresenceEngine.Ended {
        var ended = PresenceEngine.Ended()
        if choices.isEmpty && call == nil { return ended }
        let gone = Set(logOuts.lazy.filter { $0.number > change }.map(\.device))
        let spoke = Set(devices.lazy.filter { $0.spoke > change }.map(\.id))
        let isAwayOver = awayEnded > change
        ended.choices = choices.end { choice in
            if choice.isAway && isAwayOver { return true }
            guard let device = choice.maker.device else { return false }
            return gone.contains(device) || choice.endsWithSync && spoke.contains(device)
        }
        if let device = call?.claim.device, gone.contains(device) {
            call = nil
            ended.call = true
        }
        return ended
    }
}

extension DeviceState {
    /// This device as it would be had no PUT touched it since the earlier state.
    fileprivate func undoingPut(since earlier: DeviceState) -> DeviceState {
        guard incarnation == earlier.incarnation else { return self }
        if revision == earlier.revision { return earlier }
        var device = self
        if isClaimedByPut && !earlier.isClaimedByPut {
            device.isClaimedByPut = false
            device.endedClaim = earlier.endedClaim
        }
        return device
    }

    /// This device, first heard of by a PUT that is undone, with what it said otherwise.
    fileprivate func withoutPut() -> DeviceState {
        var device = self
        if isClaimedByPut {
            device.isClaimedByPut = false
            device.endedClaim = nil
        }
        return device
    }
}

public import MatrixModel

/// Undoing what a write did when its commit fails.
///
/// Undone are the choices, the call, the claims of devices that a PUT touched, and what was noted as published. What else happened
/// meanwhile stays true: syncs in flight, activities, log-outs.
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
    public mutating func rollBack(to checkpoint: Checkpoint, at now: Now) {
        guard let slot = knownSlot(of: checkpoint.user, at: now) else { return }
        let before = checkpoint.entry ?? UserEntry(number: users[slot].number)
        let current = users[slot]
        guard before.rollBacks == current.rollBacks || before.changes < current.rolledBackTo else { return }
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
        lookAgain(slot, at: now, because: .devices)
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

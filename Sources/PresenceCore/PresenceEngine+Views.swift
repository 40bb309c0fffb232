public import MatrixModel

/// Questions that change nothing.
extension PresenceEngine {
    /// The user's presence now, and the rule that decided. `offline` for a user nothing is known of.
    public func effective(of user: UserID, at now: Now) -> EffectivePresence {
        entry(of: user)?.effective(at: now, by: periods) ?? EffectivePresenceRules.decide(.init())
    }

    /// How many users stand published with each presence; whoever was never published is in none. Looks at every user.
    public func standingCounts() -> [Presence: Int] {
        var counts: [Presence: Int] = [:]
        for number in 0..<records.count {
            let published = records.slot(of: number).map { users[$0].publishing.published } ?? records.rest(of: number).published
            if let published { counts[published, default: 0] += 1 }
        }
        return counts
    }

    /// How many devices presence is computed from. Looks at every user.
    public var deviceCount: Int {
        users.reduce(0) { $0 + $1.devices.count { $0.contactEnd != DeviceState.never || $0.hasWorkingPusher } }
    }

    /// When a device was in contact last, as far as that is in mind; nil for one that is not.
    public func lastContact(of device: DeviceKey) -> MatrixTimestamp? {
        guard let entry = entry(of: device.user), let index = entry.index(of: device.device),
            entry.devices[index].contactEnd != DeviceState.never
        else { return nil }
        return entry.devices[index].contactWall
    }

    /// When any device of a user was.
    public func lastContact(of user: UserID) -> MatrixTimestamp? {
        (entry(of: user)?.devices ?? []).filter { $0.contactEnd != DeviceState.never }.map(\.contactWall).max()
    }

    /// What the user is told of all this.
    public func ownView(of user: UserID, at now: Now) -> OwnView {
        let entry = entry(of: user)
        let devices = (entry?.devices ?? []).filter { $0.contactEnd != DeviceState.never }
        return OwnView(
            effective: effective(of: user, at: now), choices: entry?.choices.inOrderOfForce(at: now.wall) ?? [],
            sources: devices.sorted { $0.id.rawValue.precedesInBytes($1.id.rawValue) }.map { device in
                OwnView.Source(
                    device: device.id, presence: device.presence(at: now.monotonic, by: periods),
                    isExplicit: device.claim(at: now.monotonic, by: periods)?.explicitPresence != nil,
                    isLive: device.isLive(at: now.monotonic, by: periods), lastContact: device.contactWall,
                    hasWorkingPusher: device.hasWorkingPusher)
            })
    }

    /// Checks what must hold between any two calls; for tests.
    public func checkInvariants() {
        deadlines.checkInvariants()
        expiries.checkInvariants()
        records.checkInvariants()
        let awake = (0..<records.count).compactMap { records.slot(of: $0) }
        precondition(awake.count == users.count { $0.number >= 0 }, "each who is awake must have one slot")
        for (slot, user) in users.enumerated() where user.number >= 0 {
            precondition(records.slot(of: user.number) == slot, "a user must stand in the slot that the record names")
            var user = user
            precondition(expiries.deadline(of: slot) == user.expiry(by: periods), "the end of a choice or a call must be planned")
            user.choices.checkInvariants()
            let hasNothing = user.devices.isEmpty && user.choices.isEmpty && user.call == nil
            precondition(!user.isDeactivated || hasNothing, "a deactivated user must have nothing")
            precondition(Set(user.devices.map(\.id)).count == user.devices.count, "no device may be known twice")
            precondition(user.devices.allSatisfy { !$0.syncs.hasNegative }, "no more syncs may end than have begun")
            user.publishing.checkInvariants()
            if let deadline = user.publishing.nextDeadline {
                precondition(deadlines.deadline(of: slot).map { $0 <= deadline } ?? false, "a waiting fall must be planned")
            }
        }
    }
}

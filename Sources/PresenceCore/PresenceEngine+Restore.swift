public import MatrixModel

/// What happens after a start.
extension PresenceEngine {
    /// Brings back what the store kept of a user. For every user, before anything else happens.
    ///
    /// Devices that were in contact shortly before the stop count as in contact at the start, without a claim; see ``DevicePeriods``.
    /// That keeps what stands published and raises nobody: no device of a user who stands published as offline counts, but for its
    /// pusher, until its next contact.
    /// Until `deviceGrace` has passed only what is done by hand makes the presence of a user fall who has such a device that has not come
    /// back. Everybody else is right from the first second. Everybody restored who has devices, a choice, a call or stands published as more
    /// than offline has a deadline of now: with the first ``deadlineReached(at:)`` choices end that expired while the server was down, and
    /// what is due then is published.
    ///
    /// - Parameter stoppedAt: when the server was last alive, by the wall clock.
    public mutating func restore(_ restored: RestoredUser, stoppedAt: MatrixTimestamp, at now: Now) {
        if isAtRest(restored) {
            let number = records.makeNumber(of: restored.user)
            let rest = UserRecords.Rest(published: restored.published, lastOnline: restored.lastOnline)
            if records.slot(of: number) == nil, !records.rest(of: number).isDeactivated, records.putToRest(number, with: rest) {
                return
            }
        }
        guard let slot = slot(for: restored.user, at: now) else { return }
        users[slot].choices = restored.choices
        users[slot].call = restored.call.map { StandingCall(claim: $0, written: monotonicTime(of: $0.written, at: now)) }
        users[slot].publishing = PublishingState(published: restored.published, lastOnline: restored.lastOnline)
        let isOffline = users[slot].publishing.standing == .offline
        let earliestRecovered = periods.earliestRecovered(stoppedAt: stoppedAt)
        for restoredDevice in restored.devices {
            let index = device(restoredDevice.id, of: slot, at: now.monotonic)
            users[slot].devices[index].contactEnd = monotonicTime(of: restoredDevice.lastContact, at: now)
            users[slot].devices[index].isRecovered = !isOffline && restoredDevice.lastContact >= earliestRecovered
            users[slot].devices[index].contactWall = restoredDevice.lastContact
            users[slot].devices[index].hasWorkingPusher = restoredDevice.hasWorkingPusher
            users[slot].devices[index].wasInContact = restoredDevice.lastContact >= earliestRecovered
        }
        // Everybody is looked at in deadlineReached(at:).
        expiries.set(slot, to: users[slot].expiry(by: periods))
        // Nothing is waited for where nobody may come back: what stands published has been wrong since before the stop.
        if !users[slot].devices.contains(where: \.isRecovered) { _ = users[slot].look(at: now, because: .hand, by: periods) }
        users[slot].deadline = now.monotonic
        deadlines.set(slot, to: now.monotonic)
    }

    /// Whether nothing can be due to a user: most of all users, most of the time. Time has nothing to do with them.
    private func isAtRest(_ restored: RestoredUser) -> Bool {
        restored.choices.isEmpty && restored.call == nil && restored.devices.isEmpty
            && (restored.published ?? .offline) == .offline
    }

    /// The moment before the start at which the wall clock showed this; one that lies ahead counts as just before the start.
    private func monotonicTime(of wall: MatrixTimestamp, at now: Now) -> MonotonicTime {
        let (age, overflow) = now.wall.milliseconds.subtractingReportingOverflow(wall.milliseconds)
        let past: Duration = .milliseconds(overflow ? .max : max(age, 0))
        let time = now.monotonic.advanced(by: .zero - past)
        let latest = MonotonicTime(nanoseconds: periods.startedAt.nanoseconds &- 1)
        return max(min(time, latest), MonotonicTime(nanoseconds: DeviceState.never.nanoseconds + 1))
    }
}

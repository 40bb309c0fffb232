public import MatrixModel

/// Turns what devices and users say into one presence a user, and tells when it is to be published.
///
/// Facts go in in the past tense, each with the time at which it happened; actions come out for the shell to carry out. Whatever the
/// order of facts, nobody stays online who is gone, equal values are never published twice, and what devices cause falls slowly and
/// rises at once.
///
/// Two clocks: grace periods and delays are monotonic, a manual choice's expiry and all that is told to others is wall time. The shell
/// calls ``deadlineReached(at:)`` when ``nextDeadline`` or ``nextExpiry`` has come; early and needless calls do no harm.
///
/// Pure: no clock, no I/O. Its shell guards it with one lock. A fact costs the logarithm of the number of users, and the number of
/// that user's devices that were in contact lately.
public struct PresenceEngine: Sendable {
    var periods: DevicePeriods
    var users: [UserEntry] = []
    var slots: [UserID: Int] = [:]
    var deadlines = DeadlineHeap<MonotonicTime>()
    var expiries = DeadlineHeap<MatrixTimestamp>()
    /// The numbers of the syncs that have begun and not ended; silent ones are not counted.
    var syncsInFlight: Set<UInt64> = []
    var changedContacts: [DeviceKey: MatrixTimestamp] = [:]
    private var lastNumber: UInt64 = 0

    public init(settings: PresenceSettings, startedAt now: Now) {
        periods = DevicePeriods(settings: settings, startedAt: now.monotonic)
    }

    var settings: PresenceSettings { periods.settings }

    /// When ``deadlineReached(at:)`` is to be called at the latest, on the monotonic clock.
    public var nextDeadline: MonotonicTime? { deadlines.first }

    /// When ``deadlineReached(at:)`` is to be called at the latest, by the wall clock.
    public var nextExpiry: MatrixTimestamp? { expiries.first }

    /// Looks at everybody for whom time alone may have changed something.
    public mutating func deadlineReached(at now: Now) -> [PresenceAction] {
        var reached: [Int] = []
        while let slot = expiries.popFirst(by: now.wall) { reached.append(slot) }
        while let slot = deadlines.popFirst(by: now.monotonic) { reached.append(slot) }
        var seen: Set<Int> = []
        var actions: [PresenceAction] = []
        for slot in reached where seen.insert(slot).inserted {
            users[slot].publishing.retry = nil
            let expired = endExpiredChoice(of: slot, at: now)
            actions += finish(slot, at: now, expired: expired, because: .devices)
        }
        return actions
    }

    // MARK: The frame of every fact

    /// A number that was never used before.
    mutating func nextNumber() -> UInt64 {
        lastNumber &+= 1
        return lastNumber
    }

    /// The user's slot, made if there is none; nil for a user who was deactivated.
    mutating func slot(for user: UserID) -> Int? {
        if let slot = slots[user] { return users[slot].isDeactivated ? nil : slot }
        users.append(UserEntry(id: user))
        slots[user] = users.count - 1
        return users.count - 1
    }

    /// The index of the device among the user's, made if there is none. A new one takes the place of those that can not count any more.
    mutating func device(_ id: DeviceID, of slot: Int, at now: MonotonicTime) -> Int {
        if let index = users[slot].index(of: id) { return index }
        let periods = periods
        users[slot].devices.removeAll { $0.isForgettable(at: now, by: periods) }
        users[slot].devices.append(DeviceState(id: id, incarnation: nextNumber()))
        return users[slot].devices.count - 1
    }

    /// Ends the manual choice when its time is over. Comes first with every fact, so that no fact meets a choice that holds no longer.
    mutating func endExpiredChoice(of slot: Int, at now: Now) -> Bool {
        guard let choice = users[slot].manual, !choice.holds(at: now.wall) else { return false }
        users[slot].manual = nil
        return true
    }

    /// Computes the user's presence again, plans its publication and the next deadlines. Comes last with every fact.
    ///
    /// - Parameters:
    ///   - expired: whether the manual choice expired: counts as done by hand.
    ///   - softEnded: whether a soft choice ended, which counts as what ended it. Either has to be stored.
    mutating func finish(
        _ slot: Int, at now: Now, expired: Bool, softEnded: Bool = false, because cause: PublishingState.Cause
    ) -> [PresenceAction] {
        let presence = users[slot].effective(at: now, by: periods).presence
        users[slot].publishing.presenceIs(presence, because: expired ? .hand : cause, at: now.monotonic, by: periods)
        setDeadlines(of: slot, at: now)
        let user = users[slot].id
        var actions: [PresenceAction] = expired || softEnded ? [.storeManualChoice(user)] : []
        if users[slot].publishing.due != .nothing { actions.append(.publish(user)) }
        return actions
    }

    mutating func setDeadlines(of slot: Int, at now: Now) {
        deadlines.set(slot, to: users[slot].nextDeadline(after: now.monotonic, by: periods))
        expiries.set(slot, to: users[slot].manual?.expires)
    }
}

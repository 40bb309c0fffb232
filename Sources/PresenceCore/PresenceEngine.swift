public import MatrixModel

/// Turns what devices and users say into one presence a user, and tells when it is to be published.
///
/// Facts go in in the past tense, each with the time at which it happened; actions come out for the shell to carry out. Whatever the
/// order of facts, nobody stays online who is gone, equal values are never published twice, and what devices cause falls slowly and
/// rises at once.
///
/// Two clocks: grace periods and delays are monotonic, a choice's expiry and all that is told to others is wall time. The shell
/// calls ``deadlineReached(at:)`` when ``nextDeadline`` or ``nextExpiry`` has come; early and needless calls do no harm.
///
/// Pure: no clock, no I/O. Its shell guards it with one lock. A fact costs the logarithm of the number of users, and the number of
/// that user's devices that were in contact lately.
public struct PresenceEngine: Sendable {
    var periods: DevicePeriods
    var records = UserRecords()
    /// Those who are awake, by slot.
    var users: [UserEntry] = []
    var freeSlots: [Int] = []
    /// The slot that was last looked at for a user to be put to rest.
    var hand = 0
    var deadlines = DeadlineHeap<MonotonicTime>()
    var expiries = DeadlineHeap<MatrixTimestamp>()
    /// The syncs that are not silent.
    var openSyncs = OpenSyncs()
    var changedContacts: [DeviceKey: MatrixTimestamp] = [:]
    private(set) var lastNumber: UInt64 = 0

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
        while let slot = deadlines.popFirst(by: now.monotonic) {
            // A deadline that was put off has moved in the entry alone.
            if users[slot].deadline > now.monotonic {
                if users[slot].deadline != UserEntry.forever { deadlines.set(slot, to: users[slot].deadline) }
            } else {
                reached.append(slot)
            }
        }
        var seen: Set<Int> = []
        var actions: [PresenceAction] = []
        for slot in reached where seen.insert(slot).inserted {
            users[slot].publishing.retry = nil
            let ended = endWhatIsOver(of: slot, at: now)
            actions += finish(slot, of: nil, at: now, ended: ended, because: .devices)
        }
        return actions
    }

    // MARK: The frame of every fact

    /// A number that was never used before.
    mutating func nextNumber() -> UInt64 {
        lastNumber &+= 1
        return lastNumber
    }

    /// The index of the device among the user's, made if there is none. A new one takes the place of those that can not count any more.
    mutating func device(_ id: DeviceID, of slot: Int, at now: MonotonicTime) -> Int {
        let number = nextNumber()
        return users[slot].device(id, incarnation: number, at: now, by: periods)
    }

    /// What a fact ended that it was not about, or that has to be stored for another reason than being said.
    struct Ended {
        var choices = EndedChoices()
        var call = false

        static func + (lhs: Self, rhs: Self) -> Self { Self(choices: lhs.choices + rhs.choices, call: lhs.call || rhs.call) }
    }

    /// Ends choices and a call when their time is over. Comes first with every fact, so that no fact meets one that holds no longer.
    mutating func endWhatIsOver(of slot: Int, at now: Now) -> Ended { users[slot].endWhatIsOver(at: now, by: periods) }

    /// Computes the user's presence again, plans its publication and the next deadlines. Comes last with every fact.
    ///
    /// - Parameters:
    ///   - user: the user's id where it is at hand; nil has it made from the record.
    ///   - ended: what ended, or was made. A user's or a device's choice counts as done by hand; soft away as what ended it.
    ///   - stores: whether it is to be stored; a PUT does that itself.
    mutating func finish(
        _ slot: Int, of user: UserID?, at now: Now, ended: Ended, stores: Bool = true, because cause: PublishingState.Cause
    ) -> [PresenceAction] {
        let isDue = users[slot].look(at: now, because: ended.choices.chosen ? .hand : cause, by: periods)
        setDeadlines(of: slot, at: now)
        let stores = stores && !ended.choices.isNothing
        guard stores || ended.call || isDue else { return [] }
        let user = user ?? records.id(of: users[slot].number)
        var actions: [PresenceAction] = []
        if stores { actions.append(.storeChoices(user)) }
        if ended.call { actions.append(.removeCall(user)) }
        if isDue { actions.append(.publish(user)) }
        return actions
    }

    mutating func setDeadlines(of slot: Int, at now: Now) {
        let (deadline, mayBeEarly) = users[slot].plan(at: now.monotonic, by: periods)
        let isPlanned = mayBeEarly && deadlines.deadline(of: slot).map { $0 <= deadline ?? UserEntry.forever } ?? false
        if !isPlanned { deadlines.set(slot, to: deadline) }
        expiries.set(slot, to: users[slot].expiry(by: periods))
    }
}

import MatrixModel

/// Everything the engine knows of a user who is awake: somebody who has devices or a choice, or did something lately.
struct UserEntry: Sendable {
    /// The user's number; -1 for a slot that is free.
    let number: Int
    var choices = PresenceChoices()
    private var callPlace = StandingCall.Place.none
    var devices: [DeviceState] = []
    var publishing = PublishingState()
    /// A deactivated user has nothing and gets nothing any more.
    var isDeactivated = false
    /// Counts what a roll-back undoes, so that checkpoints know their age.
    var changes: UInt64 = 0
    /// How often the user was rolled back, and how far the last time: a checkpoint made after that point is void.
    var rollBacks: UInt64 = 0
    var rolledBackTo: UInt64 = .max
    /// The number of the last fact that ends soft away, and the log-outs that a write which fails now may be older than: a roll-back ends
    /// again what they ended.
    var awayEnded: UInt64 = 0
    private(set) var logOuts: [LogOut] = []

    struct LogOut: Sendable {
        let device: DeviceID
        let number: UInt64
        let time: MonotonicTime
    }

    /// When something was last computed from it.
    var touched = DeviceState.never
    /// The next moment at which time alone may change something; `forever` when there is none. The heap may hold an earlier one.
    var deadline = UserEntry.forever

    var call: StandingCall? {
        get { if case .some(let call) = callPlace { call } else { nil } }
        set { callPlace = newValue.map { .some($0) } ?? .none }
    }
    /// Whether there is a call: the question that every signal asks.
    var hasCall: Bool { if case .none = callPlace { false } else { true } }

    static let forever = MonotonicTime(nanoseconds: .max)

    init(number: Int) { self.number = number }

    init(number: Int, rest: UserRecords.Rest) {
        self.number = number
        publishing = PublishingState(published: rest.published, lastOnline: rest.lastOnline)
        isDeactivated = rest.isDeactivated
    }

    /// What would be kept of the user at rest; nil while there is more to be known.
    func rest(at now: MonotonicTime, by periods: DevicePeriods) -> UserRecords.Rest? {
        guard number >= 0, choices.isEmpty, !hasCall, publishing.isSettled(at: now, by: periods),
            now >= touched.advanced(byNanoseconds: Self.restAfter), devices.allSatisfy({ $0.isForgettable(at: now, by: periods) })
        else { return nil }
        return UserRecords.Rest(published: publishing.published, lastOnline: publishing.lastOnline, isDeactivated: isDeactivated)
    }

    /// Longer than any write takes, so that no publication or roll-back meets a user who was put to rest meanwhile.
    private static let restAfter: Int64 = 600_000_000_000

    /// Remembers a log-out for as long as a write may take.
    mutating func noteLogOut(of device: DeviceID, number: UInt64, at now: MonotonicTime) {
        logOuts.removeAll { $0.device == device || now >= $0.time.advanced(byNanoseconds: Self.restAfter) }
        logOuts.append(LogOut(device: device, number: number, time: now))
    }

    func index(of device: DeviceID) -> Int? { devices.firstIndex { $0.id == device } }

    func effective(at now: Now, by periods: DevicePeriods) -> EffectivePresence {
        var inputs = EffectivePresenceRules.Inputs()
        var awayDevice: DeviceID?
        if !choices.isEmpty, let choice = choices.inForce(at: now.wall) {
            inputs.chosen = EffectivePresenceRules.Chosen(choice)
            if choice.isAway { awayDevice = choice.maker.device }
        }
        if hasCall { inputs.believesCall = believesCall(at: now, by: periods) }
        // By index: a device taken out of the array is a copy, which is counted.
        for index in devices.indices {
            if devices[index].isReachable(at: now.monotonic, by: periods) { inputs.isReachable = true }
            switch devices[index].presence(at: now.monotonic, by: periods) {
            case .busy: inputs.believesBusy = true
            case .online: inputs.believesOnline = true
            default: break
            }
            if let awayDevice, devices[index].id != awayDevice,
                devices[index].claimsExplicitOnline(at: now.monotonic, by: periods)
            {
                inputs.isInUseElsewhere = true
            }
        }
        return EffectivePresenceRules.decide(inputs)
    }

    func isReachable(at now: MonotonicTime, by periods: DevicePeriods) -> Bool {
        devices.contains { $0.isReachable(at: now, by: periods) }
    }

    func nextDeadline(after now: MonotonicTime, by periods: DevicePeriods) -> MonotonicTime? {
        var next = publishing.nextDeadline
        if hasCall, let end = nextCallDeadline(after: now, by: periods) { next = next.map { min($0, end) } ?? end }
        for index in devices.indices {
            guard let change = devices[index].nextChange(after: now, by: periods) else { continue }
            next = next.map { min($0, change) } ?? change
        }
        return next
    }
}

// MARK: - In place

/// What every signal does. These functions are mutating, some of them to look only: so they work on the entry where it stands, while a
/// getter would make a copy of it, and count up and down all that it refers to.
extension UserEntry {
    /// The index of the device, made if there is none. A new one takes the place of those that can not count any more.
    mutating func device(_ id: DeviceID, incarnation: UInt64, at now: MonotonicTime, by periods: DevicePeriods) -> Int {
        if let index = index(of: id) { return index }
        devices.removeAll { !$0.isSilent && $0.isForgettable(at: now, by: periods) }
        devices.append(DeviceState(id: id, incarnation: incarnation))
        return devices.count - 1
    }

    /// Whether the device is known. One that was logged out is not.
    mutating func knows(_ device: DeviceID) -> Bool { index(of: device) != nil }

    /// The index of the device that began a sync, unless it was logged out since.
    mutating func index(of device: DeviceID, incarnation: UInt64) -> Int? {
        guard let index = index(of: device), devices[index].incarnation == incarnation else { return nil }
        return index
    }

    /// Computes the user's presence again, and from it what is due and when to look again.
    ///
    /// - Returns: whether something is to be published.
    mutating func look(at now: Now, because cause: PublishingState.Cause, by periods: DevicePeriods) -> Bool {
        publishing.presenceIs(
            effective(at: now, by: periods).presence, because: cause, isHeld: mayReturn(at: now.monotonic, by: periods),
            at: now.monotonic, by: periods)
        return publishing.due != .nothing
    }

    /// Plans when to look again.
    ///
    /// - Returns: the deadline, nil for none, and whether one that comes earlier may stay in the heap in its place: it is seen to be
    ///   put off when it comes. Only of users with devices, of whom every poll moves it.
    mutating func plan(at now: MonotonicTime, by periods: DevicePeriods) -> (deadline: MonotonicTime?, mayBeEarly: Bool) {
        touched = now
        let next = nextDeadline(after: now, by: periods)
        deadline = next ?? Self.forever
        return (next, !devices.isEmpty)
    }

    /// Whether a device may still come back that was there before the stop: until then nothing but what is done by hand makes the user's
    /// presence fall.
    private func mayReturn(at now: MonotonicTime, by periods: DevicePeriods) -> Bool {
        guard now < periods.recoveryEnd else { return false }
        return devices.contains { $0.isRecovered && $0.contactEnd < periods.startedAt }
    }

    mutating func expiry(by periods: DevicePeriods) -> MatrixTimestamp? {
        guard hasCall, let call else { return choices.isEmpty ? nil : choices.nextExpiry }
        let end = call.expires(by: periods)
        return choices.nextExpiry.map { min($0, end) } ?? end
    }

    mutating func publication(at now: Now, by periods: DevicePeriods) -> Publication? {
        publishing.publication(of: effective(at: now, by: periods).presence, at: now.wall, by: periods.settings)
    }

    mutating func endWhatIsOver(at now: Now, by periods: DevicePeriods) -> PresenceEngine.Ended {
        var ended = PresenceEngine.Ended()
        if !choices.isEmpty { ended.choices = choices.end { !$0.holds(at: now.wall) } }
        if hasCall { ended.call = endCallThatIsOver(at: now, by: periods) }
        return ended
    }
}

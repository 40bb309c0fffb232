import MatrixModel

/// What one device has said of itself and when it was last in contact; answers what of that is believed at a moment.
///
/// A contact is a sync that is not silent, a PUT other than `offline`, or an activity. The device is *live* during a contact and
/// `deviceGrace` after it, *reachable* until `reachableFor` after it.
///
/// Legal transitions: syncs start and end in any number; between and beside them come puts and activities. The claim is the
/// strongest of the syncs in flight, or that of the contact that ended last. A claim that is no longer believed is gone: a later
/// contact that claims nothing does not revive it.
struct DeviceState: Sendable {
    let id: DeviceID
    /// Tells this device's time from the one before its log-out: a sync of that one must not end a sync of this one.
    var incarnation: UInt64
    var syncs = SyncsInFlight()
    /// When the last contact ended or, during one, began. `never` for a device that is known by its pusher alone.
    var contactEnd: MonotonicTime
    var contactWall: MatrixTimestamp
    var lastActivity: MonotonicTime
    /// What the contact that ended last claimed; a contact that claims nothing leaves it as it was.
    var endedClaim: DeviceClaim?
    /// Whether the contact that ended last was a PUT of `online`. It is newer than the syncs in flight and counts beside them.
    var isClaimedByPut = false
    /// Whether its newest sync was silent.
    var isSilent = false
    var hasWorkingPusher = false
    /// Whether its last contact from before the start counts as one that ended at the start: ``DevicePeriods``.
    var isRecovered = false
    /// Whether it was in contact shortly before the start, recovered or not.
    var wasInContact = false
    /// Changes with everything that happens to the device other than a PUT.
    var revision: UInt32 = 0
    /// The number of its last sync that named a presence.
    var spoke: UInt64 = 0

    static let never = MonotonicTime(nanoseconds: .min)

    init(id: DeviceID, incarnation: UInt64) {
        self.id = id
        self.incarnation = incarnation
        contactEnd = Self.never
        contactWall = MatrixTimestamp(milliseconds: 0)
        lastActivity = Self.never
    }
}

// MARK: - Facts

extension DeviceState {
    mutating func syncStarted(_ claim: DeviceClaim, at now: Now, by periods: DevicePeriods) {
        contactHappened(at: now, by: periods)
        syncs[claim] += 1
        isClaimedByPut = false
        isSilent = false
        revision &+= 1
    }

    /// A sync that says nothing began: no contact, and nothing is taken back.
    mutating func silentSyncStarted() {
        guard !isSilent else { return }
        isSilent = true
        revision &+= 1
    }

    mutating func syncEnded(_ claim: DeviceClaim, at now: Now) {
        syncs[claim] -= 1
        contactEnd = max(contactEnd, now.monotonic)
        contactWall = now.wall
        endedClaim = claim
        isClaimedByPut = false
        revision &+= 1
    }

    /// An event, a receipt, typing or a read marker: claims implied online where no claim stands or the device is not live.
    mutating func activityHappened(at now: Now, by periods: DevicePeriods) {
        let wasLive = isLive(at: now.monotonic, by: periods)
        contactHappened(at: now, by: periods)
        if !wasLive || claim(at: now.monotonic, by: periods) == nil { endedClaim = .impliedOnline }
        lastActivity = now.monotonic
        revision &+= 1
    }

    /// A PUT of `busy` or `unavailable`: a contact that leaves the claim as it was.
    mutating func contactHappened(at now: Now, by periods: DevicePeriods) {
        if claim(at: now.monotonic, by: periods) == nil {
            endedClaim = nil
            isClaimedByPut = false
        }
        lastActivity = isLive(at: now.monotonic, by: periods) ? periods.lastActivity(of: self) : now.monotonic
        contactEnd = max(contactEnd, now.monotonic)
        contactWall = now.wall
    }

    mutating func onlineWasPut(at now: Now, by periods: DevicePeriods) {
        contactHappened(at: now, by: periods)
        endedClaim = .explicitOnline
        isClaimedByPut = true
        lastActivity = now.monotonic
    }
}

// MARK: - What is believed

extension DeviceState {
    func isLive(at now: MonotonicTime, by periods: DevicePeriods) -> Bool {
        !syncs.isEmpty || now < periods.contactEnd(of: self).advanced(byNanoseconds: periods.deviceGrace)
    }

    func isReachable(at now: MonotonicTime, by periods: DevicePeriods) -> Bool {
        if !syncs.isEmpty { return true }
        return now < periods.contactEnd(of: self).advanced(byNanoseconds: periods.reachableFor)
            || hasWorkingPusher && now < periods.pusherContactEnd(of: self).advanced(byNanoseconds: periods.pusherReachableFor)
    }

    /// The claim that stands, or nil when none was made or its time is over.
    func claim(at now: MonotonicTime, by periods: DevicePeriods) -> DeviceClaim? {
        if let strongest = syncs.strongest { return isClaimedByPut ? max(strongest, .explicitOnline) : strongest }
        guard let endedClaim else { return nil }
        let believedFor = endedClaim == .busy ? periods.busyDeviceGrace : periods.deviceGrace
        return now < periods.contactEnd(of: self).advanced(byNanoseconds: believedFor) ? endedClaim : nil
    }

    /// Whether the device says explicitly that it is online, be it under a stronger claim.
    func claimsExplicitOnline(at now: MonotonicTime, by periods: DevicePeriods) -> Bool {
        syncs[.explicitOnline] > 0 || claim(at: now, by: periods) == .explicitOnline
    }

    /// What the device's claim comes to now; nil when it says nothing.
    func presence(at now: MonotonicTime, by periods: DevicePeriods) -> Presence? {
        guard let claim = claim(at: now, by: periods) else { return nil }
        if let explicit = claim.explicitPresence { return explicit }
        return now < idleTime(by: periods) ? .online : .unavailable
    }

    private func idleTime(by periods: DevicePeriods) -> MonotonicTime {
        periods.lastActivity(of: self).advanced(byNanoseconds: periods.idleAfter)
    }

    /// The next moment at which any of the answers above may change without anything happening.
    func nextChange(after now: MonotonicTime, by periods: DevicePeriods) -> MonotonicTime? {
        var next: MonotonicTime?
        func consider(_ time: MonotonicTime) { if time > now, next.map({ time < $0 }) ?? true { next = time } }
        if claim(at: now, by: periods) == .impliedOnline { consider(idleTime(by: periods)) }
        guard syncs.isEmpty, contactEnd != Self.never else { return next }
        let end = periods.contactEnd(of: self)
        consider(end.advanced(byNanoseconds: periods.deviceGrace))
        consider(end.advanced(byNanoseconds: periods.reachableFor))
        if endedClaim == .busy { consider(end.advanced(byNanoseconds: periods.busyDeviceGrace)) }
        if hasWorkingPusher { consider(periods.pusherContactEnd(of: self).advanced(byNanoseconds: periods.pusherReachableFor)) }
        return next
    }

    /// Whether the device can never count again before its next contact, so that nothing is lost by forgetting it but that it is silent:
    /// that is forgotten with a user who did nothing for long.
    func isForgettable(at now: MonotonicTime, by periods: DevicePeriods) -> Bool {
        guard syncs.isEmpty, !hasWorkingPusher else { return false }
        let longest = max(periods.pusherReachableFor, periods.reachableFor)
        return contactEnd == Self.never || now >= periods.pusherContactEnd(of: self).advanced(byNanoseconds: longest)
    }
}

/// How many syncs of a device are in flight, by what they claim.
struct SyncsInFlight: Sendable, Equatable {
    private var unavailable: Int32 = 0
    private var impliedOnline: Int32 = 0
    private var explicitOnline: Int32 = 0
    private var busy: Int32 = 0

    subscript(claim: DeviceClaim) -> Int32 {
        get {
            switch claim {
            case .unavailable: unavailable
            case .impliedOnline: impliedOnline
            case .explicitOnline: explicitOnline
            case .busy: busy
            }
        }
        set {
            switch claim {
            case .unavailable: unavailable = newValue
            case .impliedOnline: impliedOnline = newValue
            case .explicitOnline: explicitOnline = newValue
            case .busy: busy = newValue
            }
        }
    }

    var isEmpty: Bool { strongest == nil }

    var strongest: DeviceClaim? {
        if busy > 0 { return .busy }
        if explicitOnline > 0 { return .explicitOnline }
        if impliedOnline > 0 { return .impliedOnline }
        return unavailable > 0 ? .unavailable : nil
    }

    var hasNegative: Bool { min(min(unavailable, impliedOnline), min(explicitOnline, busy)) < 0 }
}

public import MatrixModel

/// One step of work for a pusher. Every action is answered once, with the method that its comment names.
public enum PusherAction: Sendable, Equatable {
    /// Find out what there is to be sent after a position: ``PusherDesk/wasRead(_:_:isComplete:)`` or ``PusherDesk/failed(_:at:isGateway:)``.
    case read(PusherTicket, after: StreamPosition)
    /// Send the notification of an event: ``PusherDesk/delivered(_:at:)``, ``PusherDesk/passedOver(_:)`` or ``PusherDesk/failed(_:at:isGateway:)``.
    case deliver(PusherTicket, StreamPosition)

    public var ticket: PusherTicket {
        switch self {
        case .read(let ticket, _), .deliver(let ticket, _): ticket
        }
    }
}

/// Who works on what: an answer with the ticket of a pusher that was replaced since changes nothing.
public struct PusherTicket: Sendable, Hashable {
    public let pusher: PusherKey
    let incarnation: UInt64
}

/// How far a pusher has come, for the store.
public struct PusherProgress: Sendable, Equatable {
    public let pusher: PusherKey
    public let position: StreamPosition
    public let health: PusherHealth
}

/// All pushers: what each has to send, in order, one thing at a time, and when it tries again after a failure.
///
/// A pusher keeps its *position*, up to which everything is delivered, and the positions of what comes next. Where it holds not all of
/// that (at the start, or because too much came) it is *behind*, and what comes next is read from the store. So none is lost, and
/// what a pusher costs in memory is bounded.
///
/// No user takes the places of the others: a user has two actions under way at most, users who have something to do take turns, and
/// gateways that are slow have places of their own (``PusherLane``).
///
/// Legal transitions of one pusher: idle -> busy (an action is handed out) -> idle, or waiting (after a failure) -> idle.
public struct PusherDesk: Sendable {
    /// How many positions a pusher keeps in memory.
    static let mostPending = 100

    private var entries: [PusherKey: PusherEntry] = [:]
    private var byUser: [UserID: [PusherKey]] = [:]
    private var places: PusherPlaces
    private var gateways = KnownGateways()
    private var waiting: [PusherKey: MonotonicTime] = [:]
    /// Pushers that do not work.
    private var failing: Set<PusherKey> = []
    private var changed: Set<PusherKey> = []
    /// Devices of which others think that they have a working pusher, and those for which that may have changed.
    private var working: Set<DeviceKey> = []
    private var touched: Set<DeviceKey> = []
    private var lastIncarnation: UInt64 = 0

    /// - Parameter mostInFlight: how many actions may be under way at a time, of all kinds together.
    public init(mostInFlight: Int = 64) { places = PusherPlaces(most: mostInFlight) }

    /// The users with pushers among the members of a room who satisfy a condition; found from whichever side is smaller.
    public func users(among members: some Collection<UserID>, isMember: (UserID) -> Bool, where condition: (UserID) -> Bool)
        -> [UserID]
    {
        members.count <= byUser.count
            ? members.filter { byUser[$0] != nil && condition($0) } : byUser.keys.filter { isMember($0) && condition($0) }
    }

    public func hasPusher(_ user: UserID) -> Bool { byUser[user] != nil }
    public var count: Int { entries.count }

    // MARK: Pushers come and go

    /// Takes a pusher in, new or changed or from the store; a new one is behind until it was read for.
    ///
    /// One that is at the desk goes on where it is, whatever position is said: what it has sent it has sent, and what is under way to the
    /// same place is not begun once more. After failures it is tried again at once.
    ///
    /// - Parameters:
    ///   - gateway: the host and port that it sends to.
    ///   - health: what is known of it; nil where it sends to the same place as before, and what is known at the desk goes on to count.
    public mutating func set(
        _ key: PusherKey, device: DeviceID, gateway: String, position: StreamPosition, health: PusherHealth? = nil
    ) {
        if change(key, device: DeviceKey(user: key.user, device: device), gateway: gateway, health: health) { return }
        gateways.add(gateway)
        lastIncarnation += 1
        entries[key] = PusherEntry(
            device: DeviceKey(user: key.user, device: device), gateway: gateway, incarnation: lastIncarnation,
            position: position, health: health ?? PusherHealth())
        byUser[key.user, default: []].append(key)
        failing.insert(key)
        touched.insert(DeviceKey(user: key.user, device: device))
        makeReady(key)
    }

    private mutating func change(_ key: PusherKey, device: DeviceKey, gateway: String, health: PusherHealth?) -> Bool {
        guard var entry = entries[key] else { return false }
        gateways.add(gateway)
        gateways.remove(entry.gateway)
        touched.formUnion([entry.device, device])
        (entry.device, entry.gateway, entry.failures) = (device, gateway, 0)
        if let health {
            lastIncarnation += 1
            entry.beginAnew(as: lastIncarnation, health: health)
        }
        entries[key] = entry
        waiting[key] = nil
        failing.insert(key)
        // Its row was written from what was known before.
        changed.insert(key)
        makeReady(key)
        return true
    }

    /// How far a pusher is, and whether it works: ahead of what is stored of it. Nil for one that is not here.
    public func progress(of key: PusherKey) -> PusherProgress? {
        entries[key].map { PusherProgress(pusher: key, position: $0.position, health: $0.health) }
    }

    /// Forgets a pusher. What is under way for it keeps its place until it is answered.
    public mutating func remove(_ key: PusherKey) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        gateways.remove(entry.gateway)
        byUser[key.user]?.removeAll { $0 == key }
        if byUser[key.user]?.isEmpty == true { byUser[key.user] = nil }
        waiting[key] = nil
        failing.remove(key)
        changed.remove(key)
        touched.insert(entry.device)
    }

    // MARK: Work

    /// An event was committed that notifies these users.
    public mutating func noticed(_ users: some Sequence<UserID>, at position: StreamPosition) {
        for user in users {
            for key in byUser[user] ?? [] {
                entries[key]?.noticed(position)
                makeReady(key)
            }
        }
    }

    /// The next thing to do; nil when there is nothing now, or enough is under way.
    public mutating func next(at now: Now) -> PusherAction? {
        for (key, deadline) in waiting where deadline <= now.monotonic {
            waiting[key] = nil
            makeReady(key)
        }
        for gateway in places.moveLateOnes(at: now.monotonic) { gateways.note(gateway, .slow) }
        while let (key, lane) = places.next() {
            guard let entry = entries[key], !entry.isBusy, waiting[key] == nil, let due = self.lane(of: entry) else { continue }
            guard due == lane else {
                places.wait(key, for: due)
                continue
            }
            let ticket = PusherTicket(pusher: key, incarnation: entry.incarnation)
            entries[key]?.isBusy = true
            places.take(lane, for: ticket, gateway: entry.gateway, at: now.monotonic)
            if let position = entry.pending.first { return .deliver(ticket, position) }
            return .read(ticket, after: entry.position)
        }
        return nil
    }

    /// When ``next(at:)`` may have something to do though nothing happens, or a pusher counts as working again.
    public func nextDeadline(at now: Now) -> MonotonicTime? {
        let recoveries = failing.compactMap { entries[$0]?.health.timeUntilWorking(at: now.wall) }
        let recovery = recoveries.min().map { now.monotonic.advanced(by: $0) }
        return [waiting.values.min(), recovery, places.nextLateOne].compactMap { $0 }.min()
    }

    /// The positions that were found after the one that was asked for, oldest first.
    ///
    /// - Parameter isComplete: whether these are all there are.
    public mutating func wasRead(_ ticket: PusherTicket, _ positions: [StreamPosition], isComplete: Bool) {
        guard finish(ticket) else { return }
        entries[ticket.pusher]?.wasRead(positions, isComplete: isComplete)
        makeReady(ticket.pusher)
    }

    public mutating func delivered(_ ticket: PusherTicket, at now: Now) {
        guard finish(ticket, answeredAt: now.monotonic), var entry = entries[ticket.pusher] else { return }
        entry.health.noteSuccess(at: now.wall)
        entry.failures = 0
        entries[ticket.pusher] = entry
        if failing.remove(ticket.pusher) != nil { touched.insert(entry.device) }
        moveOn(ticket.pusher)
    }

    /// There was nothing to send after all: the rules are others by now, or the notification is too old to be of use.
    public mutating func passedOver(_ ticket: PusherTicket) {
        guard finish(ticket) else { return }
        moveOn(ticket.pusher)
    }

    /// An action failed; it is tried again later.
    ///
    /// - Parameter isGateway: false when the server's own store failed: that is not held against the pusher.
    /// - Returns: whether nothing had failed since the last success.
    @discardableResult
    public mutating func failed(_ ticket: PusherTicket, at now: Now, isGateway: Bool) -> Bool {
        guard finish(ticket, answeredAt: isGateway ? now.monotonic : nil), var entry = entries[ticket.pusher] else {
            return false
        }
        let isFirst = entry.failures == 0
        if isGateway {
            entry.health.noteFailure(at: now.wall)
            entry.failures += 1
            failing.insert(ticket.pusher)
            changed.insert(ticket.pusher)
            touched.insert(entry.device)
        }
        entries[ticket.pusher] = entry
        waiting[ticket.pusher] = now.monotonic.advanced(by: PusherBackoff.delay(after: entry.failures))
        return isFirst
    }

    /// Takes back an action that was given up: the server stops, or the pusher is gone.
    public mutating func abandoned(_ ticket: PusherTicket) {
        guard finish(ticket) else { return }
        makeReady(ticket.pusher)
    }

    // MARK: What others are told

    /// Whether ``takeProgress()`` has anything to tell.
    public var hasProgress: Bool { !changed.isEmpty }

    /// Pushers that moved on or changed their health since the last call.
    public mutating func takeProgress() -> [PusherProgress] {
        defer { changed.removeAll() }
        return changed.compactMap { key in
            entries[key].map { PusherProgress(pusher: key, position: $0.position, health: $0.health) }
        }
    }

    /// Takes back what ``takeProgress()`` told and nobody stored; what has changed since then counts.
    public mutating func progressWasNotStored(of pushers: [PusherKey]) {
        changed.formUnion(pushers.filter { entries[$0] != nil })
    }

    /// Devices whose pusher works now and did not at the last call, or the other way around. One working pusher is enough.
    public mutating func takeWorkingChanges(at now: MatrixTimestamp) -> [(device: DeviceKey, isWorking: Bool)] {
        for key in failing {
            guard let entry = entries[key], entry.health.isWorking(at: now) else { continue }
            failing.remove(key)
            touched.insert(entry.device)
        }
        defer { touched.removeAll() }
        return touched.compactMap { device in
            let isWorking = (byUser[device.user] ?? []).contains { key in
                entries[key].map { $0.device == device && $0.health.isWorking(at: now) } ?? false
            }
            let hasChanged = isWorking ? working.insert(device).inserted : working.remove(device) != nil
            return hasChanged ? (device, isWorking) : nil
        }
    }

    // MARK: Parts

    private mutating func makeReady(_ key: PusherKey) {
        guard let entry = entries[key], !entry.isBusy, waiting[key] == nil, let lane = lane(of: entry) else { return }
        places.wait(key, for: lane)
    }

    /// Where what the pusher has to do next has its place; nil when there is nothing.
    private func lane(of entry: PusherEntry) -> PusherLane? {
        if !entry.pending.isEmpty { return gateways.lane(of: entry.gateway) }
        return entry.isBehind ? .reading : nil
    }

    /// - Parameter answer: when the gateway answered or failed; nil where it was not asked.
    private mutating func finish(_ ticket: PusherTicket, answeredAt answer: MonotonicTime? = nil) -> Bool {
        guard let work = places.release(ticket) else { return false }
        if let answer { gateways.note(work.gateway, work.isLate(at: answer) ? .slow : .prompt) }
        guard let entry = entries[ticket.pusher], entry.incarnation == ticket.incarnation, entry.isBusy else { return false }
        entries[ticket.pusher]?.isBusy = false
        return true
    }

    private mutating func moveOn(_ key: PusherKey) {
        entries[key]?.moveOn()
        changed.insert(key)
        makeReady(key)
    }
}

import HearthRuntime
import HearthStore
import Logging
public import MatrixModel
import PresenceCore
public import ServiceLifecycle
import SubscriptionCore
import Synchronization

/// Follows every device's contacts and all that is chosen, and publishes what the ``PresenceEngine`` makes of them.
///
/// The cycle: a fact goes into the engine (under its lock), the engine answers with actions. A `.publish` says only *whose* value is to
/// be looked at; the writer asks for it inside its transaction, so that values are published in the order in which they became true.
/// A PUT runs in its own operation and is answered after its commit; what devices do is published by ``run()`` soon after, many users
/// in one operation. Nothing on a /sync's path waits for the disk.
///
/// A request may have been authenticated before its device was logged out. Whether the device is still logged in is asked under the engine's
/// lock, or inside the operation: a log-out is known there before the engine hears of it, so that no device comes back.
public final class PresenceService: Service, AccountFollower {
    /// How many users one operation publishes at most.
    private static let largestBatch = 256
    /// How often last contacts are stored.
    private static let contactInterval: Duration = .seconds(60)
    /// How many of them one operation stores.
    private static let contactsAtOnce = 256

    let store: Store
    let clock: any ServerClock
    let accountData: AccountDataWriter
    let writer: RoomWriter
    let notifier: StreamNotifier
    let logger: Logger
    let alarm: Alarm
    let metrics: ServerMetrics
    /// Whether a device is logged in: as an operation sees it, or as it is on the disk.
    let isLoggedIn: @Sendable (DeviceKey, WriteContext?) -> Bool
    let state: Mutex<State>
    let changeLog: Mutex<PresenceChangeLog>

    struct State: Sendable {
        var engine: PresenceEngine
        /// Users whose presence is to be published, and whose choices are to be stored.
        var toPublish: Set<UserID> = []
        var toStore: Set<UserID> = []
        /// Users whose profile is to say no longer what a program wrote: that they are on a call that is over, or what a device says that is gone.
        var toHangUp: Set<UserID> = []
        /// What the publications that are due go back to: the first fact of each.
        var facts: [UserID: PresenceFact] = [:]

        mutating func note(_ actions: [PresenceAction], because fact: PresenceFact) {
            for action in actions {
                switch action {
                case .publish(let user):
                    toPublish.insert(user)
                    if facts[user] == nil { facts[user] = fact }
                case .storeChoices(let user): toStore.insert(user)
                case .removeCall(let user): toHangUp.insert(user)
                }
            }
        }

        mutating func forget(_ user: UserID) {
            toPublish.remove(user)
            toStore.remove(user)
            toHangUp.remove(user)
        }
    }

    /// - Parameters:
    ///   - retention: how long it is remembered why presence changed (`presence.retention`).
    ///   - isLoggedIn: whether a device is logged in. For the operations of the transaction that logs it out it no longer is from that
    ///     operation on, for everybody else from the commit on.
    init(
        store: Store, clock: any ServerClock, accountData: AccountDataWriter, writer: RoomWriter, notifier: StreamNotifier,
        engine: PresenceEngine, logger: Logger, retention: Duration, metrics: ServerMetrics,
        isLoggedIn: @escaping @Sendable (DeviceKey, WriteContext?) -> Bool
    ) {
        self.store = store
        self.clock = clock
        self.accountData = accountData
        self.writer = writer
        self.notifier = notifier
        self.logger = logger
        self.metrics = metrics
        self.isLoggedIn = isLoggedIn
        alarm = Alarm(clock: clock)
        metrics.presenceWasRestored(engine.standingCounts())
        state = Mutex(State(engine: engine))
        changeLog = Mutex(PresenceChangeLog(retention: retention))
    }

    // MARK: Facts

    /// A /sync began. Hand the contact to ``syncEnded(_:)`` when it is answered or its client is gone.
    func syncStarted(_ device: DeviceKey, claim: SyncClaim) -> SyncHandle {
        apply(.sync, on: device.device) { engine, now in
            engine.syncStarted(device, claim: claim, at: now, isLoggedIn: isLoggedIn(device, nil))
        }
    }

    func syncEnded(_ contact: SyncHandle) {
        apply(.sync, on: contact.device.device) { engine, now in ((), engine.syncEnded(contact, at: now)) }
    }

    /// A device sent an event, a receipt, typing or a read marker.
    public func activityHappened(on device: DeviceKey) {
        apply(.activity, on: device.device) { engine, now in
            ((), engine.activityHappened(on: device, at: now, isLoggedIn: isLoggedIn(device, nil)))
        }
    }

    /// A device has a working pusher from now on, or has none any more.
    public func pusherChanged(of device: DeviceKey, isWorking: Bool) {
        apply(.pusher, on: device.device) { engine, now in
            ((), engine.pusherChanged(of: device, isWorking: isWorking, at: now, isLoggedIn: isLoggedIn(device, nil)))
        }
    }

    /// A device was logged out, and what it chose is no longer stored.
    ///
    /// - Parameter hasWritten: whether its user's profile says something that this device wrote.
    func deviceLoggedOut(_ device: DeviceKey, hasWritten: Bool = false) {
        apply(.logout, on: device.device, hangingUp: hasWritten ? device.user : nil) { engine, now in
            ((), engine.deviceLoggedOut(device, at: now))
        }
    }

    @discardableResult
    private func apply<Value: Sendable>(
        _ cause: PresenceCause, on device: DeviceID?, hangingUp user: UserID? = nil,
        _ change: (inout PresenceEngine, Now) -> (Value, [PresenceAction])
    ) -> Value {
        let now = clock.now()
        let (value, mustRing) = state.withLock { state in
            let before = state.engine.nextDeadline
            let (value, actions) = change(&state.engine, now)
            state.note(actions, because: PresenceFact(cause: cause, device: device, time: now.monotonic))
            let after = state.engine.nextDeadline
            let isEarlier = after.map { after in before.map { after < $0 } ?? true } ?? false
            if let user { state.toHangUp.insert(user) }
            return (value, !actions.isEmpty || isEarlier || user != nil)
        }
        if mustRing { alarm.ring() }
        return value
    }

    // MARK: Publishing

    /// Appends `m.presence` to the user's lane if what stands published is not what is due.
    ///
    /// - Parameter fact: what happened; nil for what was noted when it did.
    /// - Returns: what was published, for the caller to store; nil when nothing was.
    func publish(
        _ user: UserID, because fact: PresenceFact? = nil, in context: WriteContext
    ) throws -> (presence: Presence, lastOnline: MatrixTimestamp?)? {
        let now = context.now
        let publishing = state.withLock { state -> Publishing? in
            let noted = state.facts.removeValue(forKey: user)
            let fact = fact ?? noted ?? PresenceFact(cause: .time, device: nil, time: now.monotonic)
            return state.engine.duePublication(of: user, at: now).map {
                Publishing($0, of: user, in: state.engine, because: fact, at: now)
            }
        }
        guard let publishing, let room = try context.profileRoom(of: user) else { return nil }
        let due = publishing.due
        var content: JSONObject = ["presence": .string(due.presence.rawValue)]
        if let lastActive = due.lastActive { content["last_active_ts"] = .integer(lastActive.milliseconds) }
        try context.send(
            EventRequest(type: .presence, stateKey: "", sender: context.server.hearth, content: content), in: room)
        let (checkpoint, lastOnline) = state.withLock { state in
            let checkpoint = state.engine.checkpoint(of: user)
            state.engine.published(due, of: user, at: now)
            return (checkpoint, state.engine.lastOnline(of: user))
        }
        context.onFailure { [self] in
            rollBack(to: checkpoint, because: publishing.fact, at: now)
            state.withLock { state in
                state.engine.publishFailed(of: user, at: now)
                state.facts[user] = publishing.fact
            }
            alarm.ring()
        }
        context.afterCommit { [self] in note(publishing, of: user, at: now.wall) }
        return (due.presence, lastOnline)
    }

    /// Undoes in the engine what a write did that failed, and has stored what ended meanwhile.
    func rollBack(to checkpoint: PresenceEngine.Checkpoint, because fact: PresenceFact, at now: Now) {
        state.withLock { state in state.note(state.engine.rollBack(to: checkpoint, at: now), because: fact) }
        alarm.ring()
    }

    // MARK: The loop

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    /// Publishes what devices caused, when it is due, and stores last contacts once a minute, and with the writer's last transaction.
    public func run() async throws {
        writer.beforeItEnds(catchesUp: true) { [weak self] context in try self?.storeContacts(in: context) }
        await findLeftBehind()
        var nextContacts = clock.now().monotonic.advanced(by: Self.contactInterval)
        await TimedLoop(alarm).run {
            await turn()
            let now = clock.now()
            if now.monotonic >= nextContacts {
                await storeContacts()
                changeLog.withLock { $0.dropExpired(at: now.wall) }
                nextContacts = now.monotonic.advanced(by: Self.contactInterval)
            }
            return .sleep(nextWait(until: nextContacts))
        }
    }

    /// What is due by now: one turn of ``run()``.
    func turn() async {
        apply(.time, on: nil) { engine, now in ((), engine.deadlineReached(at: now)) }
        await publishNoted()
    }

    private func nextWait(until contacts: MonotonicTime) -> Duration {
        let now = clock.now()
        return state.withLock { state in
            if !state.toPublish.isEmpty || !state.toStore.isEmpty || !state.toHangUp.isEmpty { return .milliseconds(100) }
            var wait = contacts.duration(since: now.monotonic)
            if let deadline = state.engine.nextDeadline { wait = min(wait, deadline.duration(since: now.monotonic)) }
            if let expiry = state.engine.nextExpiry {
                wait = min(wait, .milliseconds(expiry.milliseconds) - .milliseconds(now.wall.milliseconds))
            }
            return max(wait, .zero)
        }
    }

    private func publishNoted() async {
        let (publish, store, hangUp) = state.withLock { state -> ([UserID], [UserID], [UserID]) in
            let publish = Array(state.toPublish.prefix(Self.largestBatch))
            let store = Array(state.toStore.prefix(Self.largestBatch))
            let hangUp = Array(state.toHangUp.prefix(Self.largestBatch))
            state.toPublish.subtract(publish)
            state.toStore.subtract(store)
            state.toHangUp.subtract(hangUp)
            return (publish, store, hangUp)
        }
        if publish.isEmpty && store.isEmpty && hangUp.isEmpty { return }
        do {
            try await writer.perform { [self] context in
                for user in store {
                    try context.passingOver(user, partialChanges: .undone) { try storeChoices(of: user, in: context) }
                }
                for user in hangUp { try context.passingOver(user) { try self.hangUp(user, in: context) } }
                for user in publish {
                    try context.passingOver(user) {
                        guard let published = try self.publish(user, in: context) else { return }
                        try context.transaction.presence.setPublished(
                            published.presence.rawValue, lastOnline: published.lastOnline, of: user)
                    }
                }
            }
        } catch {
            logger.warning(
                "presence could not be published; it will be tried again",
                metadata: ["users": "\(publish.count)", "reason": "\(error)"])
            state.withLock { state in
                state.toPublish.formUnion(publish)
                state.toStore.formUnion(store)
                state.toHangUp.formUnion(hangUp)
            }
            if error as? WriteError != .shuttingDown { await pause() }
        }
    }

    /// Keeps a failing disk from being asked without end.
    private func pause() async {
        do { try await clock.sleep(for: .seconds(1)) } catch { alarm.silence() }
    }

    func storeContacts() async {
        do {
            var contacts = state.withLock { $0.engine.takeChangedContacts() }[...]
            while !contacts.isEmpty {
                let some = Array(contacts.prefix(Self.contactsAtOnce))
                contacts = contacts.dropFirst(some.count)
                do {
                    try await writer.perform(as: .housekeeping) { [self] context in try store(some, in: context) }
                } catch {
                    // Also of an operation that never had its turn.
                    state.withLock { [contacts] in $0.engine.contactsWereNotStored(some + contacts) }
                    throw error
                }
            }
            // Last, so that a start after a kill in between believes nothing that is not there.
            try await writer.perform(as: .housekeeping) { try $0.transaction.meta.setLastAlive($0.now.wall) }
        } catch {
            logger.warning("last contacts could not be stored; it will be tried again", metadata: ["reason": "\(error)"])
        }
    }

    /// Stores last contacts and that the server is alive: together, so that what a start finds fits.
    private func storeContacts(in context: WriteContext) throws {
        let contacts = state.withLock { $0.engine.takeChangedContacts() }
        context.onFailure { [self] in state.withLock { $0.engine.contactsWereNotStored(contacts) } }
        try store(contacts, in: context)
        try context.transaction.meta.setLastAlive(context.now.wall)
    }

    private func store(_ contacts: [(DeviceKey, MatrixTimestamp)], in context: WriteContext) throws {
        for (device, time) in contacts { try context.transaction.devices.setLastContact(time, of: device) }
    }
}

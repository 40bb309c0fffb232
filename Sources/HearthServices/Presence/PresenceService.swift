import HearthStore
public import Logging
public import MatrixModel
public import PresenceCore
public import ServiceLifecycle
import SubscriptionCore
import Synchronization

/// Follows every device's contacts and every user's choice, and publishes what the ``PresenceEngine`` makes of them.
///
/// The cycle: a fact goes into the engine (under its lock), the engine answers with actions. A `.publish` says only *whose* value is to
/// be looked at; the writer asks for it inside its transaction, so that values are published in the order in which they became true.
/// A PUT runs in its own operation and is answered after its commit; what devices do is published by ``run()`` soon after, many users
/// in one operation. Nothing on a /sync's path waits for the disk.
public final class PresenceService: Service {
    /// How many users one operation publishes at most.
    private static let largestBatch = 256
    /// How often last contacts are stored.
    private static let contactInterval: Duration = .seconds(60)

    let writer: RoomWriter
    let notifier: StreamNotifier
    private let logger: Logger
    private let alarm: Alarm
    private let state: Mutex<State>

    private struct State: Sendable {
        var engine: PresenceEngine
        /// Users whose presence is to be published, and whose choice is to be stored.
        var toPublish: Set<UserID> = []
        var toStore: Set<UserID> = []

        mutating func note(_ actions: [PresenceAction]) {
            for action in actions {
                switch action {
                case .publish(let user): toPublish.insert(user)
                case .storeManualChoice(let user): toStore.insert(user)
                }
            }
        }
    }

    public init(writer: RoomWriter, notifier: StreamNotifier, engine: PresenceEngine, logger: Logger) {
        self.writer = writer
        self.notifier = notifier
        self.logger = logger
        alarm = Alarm(clock: writer.clock)
        state = Mutex(State(engine: engine))
    }

    // MARK: Facts

    /// A /sync began. Hand the contact to ``syncEnded(_:)`` when it is answered or its client is gone.
    func syncStarted(_ device: DeviceKey, claim: SyncClaim) -> SyncHandle {
        apply { engine, now in engine.syncStarted(device, claim: claim, at: now) }
    }

    func syncEnded(_ contact: SyncHandle) {
        apply { engine, now in ((), engine.syncEnded(contact, at: now)) }
    }

    /// A device sent an event, a receipt, typing or a read marker.
    public func activityHappened(on device: DeviceKey) {
        apply { engine, now in ((), engine.activityHappened(on: device, at: now)) }
    }

    /// A device was logged out.
    public func deviceLoggedOut(_ device: DeviceKey) {
        apply { engine, now in ((), engine.deviceLoggedOut(device, at: now)) }
    }

    @discardableResult
    private func apply<Value: Sendable>(
        _ change: (inout PresenceEngine, Now) -> (Value, [PresenceAction])
    ) -> Value {
        let now = writer.clock.now()
        let (value, mustRing) = state.withLock { state in
            let before = state.engine.nextDeadline
            let (value, actions) = change(&state.engine, now)
            state.note(actions)
            let after = state.engine.nextDeadline
            let isEarlier = after.map { after in before.map { after < $0 } ?? true } ?? false
            return (value, !actions.isEmpty || isEarlier)
        }
        if mustRing { alarm.ring() }
        return value
    }

    // MARK: The user's choice

    /// Sets the manual choice and the status in one commit, and returns when it is on the disk and published.
    public func put(_ request: PresencePutRequest, by device: DeviceKey) async throws {
        let status: StatusContent? =
            switch request.status {
            case .unchanged: nil
            case .clear: try StatusContent(checking: [:])
            case .set(let text): try StatusContent(checking: Self.statusContent(text, expires: request.expires))
            }
        let put = PresencePut(
            presence: request.presence, expires: request.expires, isManual: request.isManual,
            hasStatusText: status?.text?.isEmpty == false)
        try await writer.perform { [self] context in
            try changeChoice(of: device.user, in: context) { engine, now in
                do throws(PutRefusal) {
                    return .success(try engine.put(put, from: device, at: now))
                } catch {
                    return .failure(.expiryInThePast)
                }
            }
            if let status { try context.setStatus(status, of: device.user) }
        }
        alarm.ring()
    }

    /// Clears the manual choice: back to automatic, without counting as activity.
    public func clearChoice(of user: UserID) async throws {
        try await writer.perform { [self] context in
            try changeChoice(of: user, in: context) { engine, now in
                .success(engine.manualChoiceCleared(of: user, at: now))
            }
        }
        alarm.ring()
    }

    /// Changes the choice in the engine and in the store and publishes the result; the engine forgets it all if the commit fails.
    private func changeChoice(
        of user: UserID, in context: WriteContext,
        _ change: (inout PresenceEngine, Now) -> Result<[PresenceAction], PresenceError>
    ) throws {
        let now = context.now
        let (checkpoint, choice) = try state.withLock { state -> (PresenceEngine.Checkpoint, ManualChoice?) in
            let checkpoint = state.engine.checkpoint(of: user)
            state.note(try change(&state.engine, now).get())
            return (checkpoint, state.engine.manualChoice(of: user))
        }
        context.onFailure { [self] in state.withLock { $0.engine.rollBack(to: checkpoint, at: now) } }
        try context.transaction.presence.setManual(choice.map(StoredPresence.Manual.init), of: user)
        try publish(user, in: context)
    }

    /// The end of an account, inside the operation that ends it: sources and choice are forgotten, `offline` is published.
    public func userDeactivated(_ user: UserID, in context: WriteContext) throws {
        let now = context.now
        let checkpoint = state.withLock { state in
            let checkpoint = state.engine.checkpoint(of: user)
            _ = state.engine.userDeactivated(user, at: now)
            state.toPublish.remove(user)
            state.toStore.remove(user)
            return checkpoint
        }
        context.onFailure { [self] in state.withLock { $0.engine.rollBack(to: checkpoint, at: now) } }
        try publish(user, in: context)
        try context.transaction.presence.delete(user)
    }

    private static func statusContent(_ text: String, expires: MatrixTimestamp?) -> JSONObject {
        var content: JSONObject = ["text": .string(text)]
        if let expires { content["io.hearth.expires_ts"] = .integer(expires.milliseconds) }
        return content
    }

    // MARK: Publishing

    /// Appends `m.presence` to the user's lane if what stands published is not what is due.
    private func publish(_ user: UserID, in context: WriteContext) throws {
        let now = context.now
        guard let due = state.withLock({ $0.engine.duePublication(of: user, at: now) }) else { return }
        guard let room = try context.transaction.rooms.profileRoom(of: user) else { return }
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
            state.withLock { state in
                state.engine.rollBack(to: checkpoint, at: now)
                state.engine.publishFailed(of: user, at: now)
            }
            alarm.ring()
        }
        try context.transaction.presence.setPublished(due.presence.rawValue, lastOnline: lastOnline, of: user)
    }

    // MARK: The loop

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    /// Publishes what devices caused, when it is due, and stores last contacts once a minute.
    public func run() async throws {
        var nextContacts = writer.clock.now().monotonic.advanced(by: Self.contactInterval)
        await withGracefulShutdownHandler {
            while !alarm.isSilenced {
                apply { engine, now in ((), engine.deadlineReached(at: now)) }
                await publishNoted()
                let now = writer.clock.now()
                if now.monotonic >= nextContacts {
                    await storeContacts()
                    nextContacts = now.monotonic.advanced(by: Self.contactInterval)
                }
                await alarm.wait(for: nextWait(until: nextContacts))
            }
        } onGracefulShutdown: {
            self.stop()
        }
        await storeContacts()
    }

    private func nextWait(until contacts: MonotonicTime) -> Duration {
        let now = writer.clock.now()
        return state.withLock { state in
            if !state.toPublish.isEmpty || !state.toStore.isEmpty { return .milliseconds(100) }
            var wait = contacts.duration(since: now.monotonic)
            if let deadline = state.engine.nextDeadline { wait = min(wait, deadline.duration(since: now.monotonic)) }
            if let expiry = state.engine.nextExpiry {
                wait = min(wait, .milliseconds(expiry.milliseconds) - .milliseconds(now.wall.milliseconds))
            }
            return max(wait, .zero)
        }
    }

    private func publishNoted() async {
        let (publish, store) = state.withLock { state -> ([UserID], [UserID]) in
            let publish = Array(state.toPublish.prefix(Self.largestBatch))
            let store = Array(state.toStore.prefix(Self.largestBatch))
            state.toPublish.subtract(publish)
            state.toStore.subtract(store)
            return (publish, store)
        }
        if publish.isEmpty && store.isEmpty { return }
        do {
            try await writer.perform { [self] context in
                for user in store {
                    let choice = state.withLock { $0.engine.manualChoice(of: user) }
                    try context.transaction.presence.setManual(choice.map(StoredPresence.Manual.init), of: user)
                }
                for user in publish { try self.publish(user, in: context) }
            }
        } catch {
            logger.warning(
                "presence could not be published; it will be tried again",
                metadata: ["users": "\(publish.count)", "reason": "\(error)"])
            state.withLock { state in
                state.toPublish.formUnion(publish)
                state.toStore.formUnion(store)
            }
            if error as? WriteError != .shuttingDown { await pause() }
        }
    }

    /// Keeps a failing disk from being asked without end.
    private func pause() async {
        do { try await writer.clock.sleep(for: .seconds(1)) } catch { alarm.silence() }
    }

    private func storeContacts() async {
        let contacts = state.withLock { $0.engine.takeChangedContacts() }
        if contacts.isEmpty { return }
        do {
            try await writer.perform { context in
                for (device, time) in contacts { try context.transaction.devices.setLastContact(time, of: device) }
            }
        } catch {
            logger.warning("last contacts could not be stored", metadata: ["reason": "\(error)"])
        }
    }

    // MARK: Views

    /// The user's own view: what is effective, why, and what each device says.
    public func ownView(of user: UserID) -> OwnView {
        let now = writer.clock.now()
        return state.withLock { $0.engine.ownView(of: user, at: now) }
    }

    /// What a user's lane tells others. A user without a profile room gets the same refusal as one who is not to be seen.
    public func legacyPresence(of user: UserID, for viewer: UserID) throws -> LegacyPresence {
        let now = writer.clock.now().wall
        let lane = notifier.ask { engine -> LaneState? in
            guard engine.profileRoom(of: user) != nil, engine.canSee(viewer, laneOf: user) else { return nil }
            return engine.lane(of: user) ?? LaneState()
        }
        guard let lane else { throw PresenceError.notVisible }
        return LegacyPresence(user: user, lane: lane, now: now)
    }
}

extension StoredPresence.Manual {
    init(_ choice: ManualChoice) {
        self.init(presence: choice.presence.rawValue, expires: choice.expires, softDevice: choice.softDevice)
    }
}

public import HearthRuntime
import HearthStore
public import MatrixModel
import PresenceCore
import SubscriptionCore
import Synchronization

/// Tells a device what is new for it, and holds its request until there is something (``HeldSync``).
///
/// The presence service is told of the contact, from the beginning of the request to its answer. No step reads the store while memory
/// reaches back to `since`.
public final class SyncService: Sendable {
    let store: Store
    let clock: any ServerClock
    let notifier: StreamNotifier
    let presence: PresenceService
    let timeouts: Timeouts
    let rules: SyncRules
    /// Deletes what syncs have delivered; to be run beside this.
    public let deliveries: DeliveredMessages
    /// Reads and gives out tokens.
    public let history: KnownHistory
    private let metrics: ServerMetrics
    private let admission: Admission
    private let pacing: Mutex<PresenceWakePacing>
    /// Never another one while the server runs.
    private let audience: Audience

    /// The longest a request is held, whatever it asks for.
    public static let longestTimeout: Duration = .seconds(300)

    init(
        store: Store, clock: any ServerClock, history: KnownHistory, notifier: StreamNotifier, presence: PresenceService,
        deliveries: DeliveredMessages, rules: SyncRules, waiting: RequestWaiting
    ) {
        self.store = store
        self.clock = clock
        self.notifier = notifier
        self.presence = presence
        self.deliveries = deliveries
        self.history = history
        self.rules = rules
        timeouts = waiting.timeouts
        metrics = waiting.metrics
        admission = waiting.admission
        audience = notifier.ask(\.audience)
        pacing = Mutex(PresenceWakePacing(interval: rules.presenceWakeInterval))
    }

    /// One sync of a device.
    ///
    /// - Throws: ``SyncError``, or ``StoreError`` when the store cannot be read.
    public func sync(
        _ request: SyncRequest, device: DeviceKey, connection: any ClientConnection
    ) async throws -> SyncResponse {
        if let held = hold(request, device: device) {
            defer { held.end() }
            return try await follow(held, connection: connection)
        }
        let contact = presence.syncStarted(device, claim: request.claim)
        defer { presence.syncEnded(contact) }
        let since = request.since
        if let since { deliveries.synced(device, since: since) }
        let assembly = assembly(of: request, for: device, since: since)
        if let since, assembly.plan.isEmpty {
            return SyncResponse(nextBatch: assembly.knowing(since), keyCounts: assembly.plan.keyCounts)
        }
        return complete(try await response(of: assembly), of: assembly)
    }

    /// A sync that is held from now on, if it continues from a token; its contact has begun. Look at it at once.
    public func hold(_ request: SyncRequest, device: DeviceKey) -> HeldSync? {
        guard !request.fullState, let since = request.since else { return nil }
        let contact = presence.syncStarted(device, claim: request.claim)
        deliveries.synced(device, since: since)
        return HeldSync(request, since: since, device: device, contact: contact, service: self)
    }

    /// Holds the request in this task.
    private func follow(_ held: HeldSync, connection: any ClientConnection) async throws -> SyncResponse {
        let waker = held.waker
        connection.onClose { waker.wake(.clientGone) }
        defer { connection.onClose(nil) }
        var step = try held.look(after: nil)
        while true {
            switch step {
            case .answer(let response): return response
            case .sleep:
                // What was looked at and came to nothing takes no memory while it sleeps.
                MeteredRead.meter?.forgets()
                step = try held.look(after: await admission.asleep { await waker.next() })
            case .read(let news):
                do {
                    step = held.look(at: news, read: try await response(of: news.assembly))
                } catch let error where error is CancellationError || error as? WriteError == .shuttingDown {
                    return held.nothingNew
                }
            }
        }
    }

    /// The answer of a sync is about to be written.
    public func answerIsReady(_ response: SyncResponse) {
        guard let newsTime = response.newsTime else { return }
        metrics.wokenAnswerWasReady(took: max(clock.now().monotonic.duration(since: newsTime), .zero))
    }

    // MARK: One look

    /// What is new now, as a plan with what it is to become.
    func assembly(of request: SyncRequest, for device: DeviceKey, since: SyncToken?) -> SyncAssembly {
        let legacy = rules.legacy.isServed(at: clock.now().wall)
        let digest = request.filter.profileFields.digest(under: audience)
        if request.startsOver {
            let plan = notifier.ask {
                $0.planStartingOver(for: device, legacyPresence: legacy, profileFields: request.filter.profileFields)
            }
            return SyncAssembly(plan: plan, request: request, since: nil, device: device, profileDigest: digest)
        }
        let plan = notifier.ask { engine in
            var plan = engine.plan(
                for: device, since: request.fullState ? nil : since?.position, delivered: since?.delivered,
                typingSince: since?.ephemeral, legacyPresence: legacy, profileFields: request.filter.profileFields,
                asksAnew: since?.profiles != digest)
            if request.fullState, let since { engine.notePeeks(of: device, at: since.position, in: &plan) }
            return plan
        }
        return SyncAssembly(plan: plan, request: request, since: since, device: device, profileDigest: digest)
    }

    private func response(of assembly: SyncAssembly) async throws -> SyncResponse {
        if !assembly.needsStore { return try assembly.response(reading: nil) }
        return try await store.read { store in try assembly.response(reading: store) }
    }

    /// Adds what the plan leaves to the moment of the answer. Where a filter leaves nothing of the news, the token stands behind them.
    func complete(_ response: SyncResponse, of assembly: SyncAssembly) -> SyncResponse {
        var response = response
        response.presence = legacyPresence(assembly.plan, of: assembly.device.user, filter: assembly.request.filter)
        return response
    }

    func nothingNew(for device: DeviceKey, since: SyncToken) -> SyncResponse {
        SyncResponse(nextBatch: since, keyCounts: notifier.ask { $0.keyCounts(of: device) })
    }

    /// Whether presence alone may be told to the device now; if so, it counts as told.
    func presenceIsPending(for device: DeviceKey) -> PresenceWakePacing.Verdict {
        let now = clock.now().monotonic
        return pacing.withLock { $0.presenceIsPending(for: device, now: now) }
    }

    private func legacyPresence(_ plan: SyncPlan, of viewer: UserID, filter: SyncFilter) -> [LegacyPresence] {
        let wanted = plan.presence.filter { filter.presence.includes(type: .presence, sender: $0) }
        let lost = plan.lostPresence.filter { filter.presence.includes(type: .presence, sender: $0) }
        if wanted.isEmpty && lost.isEmpty { return [] }
        let now = clock.now().wall
        // Whoever was turned away since the plan was made is told of nothing that came after it.
        let seen = notifier.ask { engine in
            wanted.filter { engine.seesLegacyPresence(viewer, of: $0) }
                .compactMap { user in engine.lane(of: user).map { LegacyPresence(user: user, lane: $0, now: now) } }
        }
        return seen + lost.map { LegacyPresence(user: $0, lane: LaneState(), now: now) }
    }
}

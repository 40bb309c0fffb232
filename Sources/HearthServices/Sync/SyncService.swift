import HearthStore
public import MatrixModel
import PresenceCore
import SubscriptionCore
import Synchronization

/// Tells a device what is new for it, and holds its request until there is something.
///
/// The cycle: tell the presence service of the contact; register as waiting; ask for the plan; if it holds nothing, sleep until woken
/// and ask again. A wake-up carries no data, so that a request that is woken twice is answered once and with everything.
/// News that are presence and status alone wait for their turn (``PresenceWakePacing``): the request stays held until then.
/// No step reads the store while memory reaches back to `since`.
public final class SyncService: Sendable {
    let writer: RoomWriter
    let notifier: StreamNotifier
    let presence: PresenceService
    let timeouts: Timeouts
    let isLoggedIn: @Sendable (DeviceKey) -> Bool
    let legacy: LegacyPolicy
    /// Deletes what syncs have delivered; to be run beside this.
    public let deliveries: DeliveredMessages
    private let metrics: ServerMetrics
    private let pacing: Mutex<PresenceWakePacing>

    /// The longest a request is held, whatever it asks for.
    public static let longestTimeout: Duration = .seconds(300)

    public init(
        writer: RoomWriter, notifier: StreamNotifier, presence: PresenceService, timeouts: Timeouts, legacy: LegacyPolicy,
        presenceWakeInterval: Duration = .seconds(1), metrics: ServerMetrics = ServerMetrics(),
        isLoggedIn: @escaping @Sendable (DeviceKey) -> Bool
    ) {
        self.writer = writer
        self.notifier = notifier
        self.presence = presence
        self.timeouts = timeouts
        self.legacy = legacy
        deliveries = DeliveredMessages(writer: writer, notifier: notifier)
        self.metrics = metrics
        pacing = Mutex(PresenceWakePacing(interval: presenceWakeInterval))
        self.isLoggedIn = isLoggedIn
    }

    /// One sync of a device.
    ///
    /// - Throws: ``SyncError``, or ``StoreError`` when the store cannot be read.
    public func sync(
        _ request: SyncRequest, device: DeviceKey, connection: any ClientConnection
    ) async throws -> SyncResponse {
        let contact = presence.syncStarted(device, claim: request.claim)
        defer { presence.syncEnded(contact) }
        // A token from after the last commit was never given out by this database: such a client starts anew.
        let since = request.since.flatMap { token in token.position <= notifier.position ? token : nil }
        if let since { deliveries.synced(device, since: since) }
        guard let since, request.timeout > .zero, !request.fullState else {
            return try await answer(request, device: device, since: since).response
        }
        return try await hold(request, device: device, since: since, connection: connection)
    }

    private func hold(
        _ request: SyncRequest, device: DeviceKey, since: SyncToken, connection: any ClientConnection
    ) async throws -> SyncResponse {
        let (waiter, waker) = notifier.startWaiting(for: device)
        defer { notifier.stopWaiting(waiter) }
        timeouts.wake(waker, after: min(request.timeout, Self.longestTimeout))
        connection.onClose { waker.wake(.clientGone) }
        defer { connection.onClose(nil) }
        var turn: MonotonicTime?
        var isOver = false
        var newsTime: MonotonicTime?
        while true {
            guard isLoggedIn(device) else { throw SyncError.loggedOut }
            var (response, isPresenceOnly) = try await answer(request, device: device, since: since)
            if isOver { return response }
            if !response.isEmpty {
                response.newsTime = newsTime
                let now = writer.clock.now().monotonic
                let verdict = isPresenceOnly ? pacing.withLock { $0.presenceIsPending(for: device, now: now) } : .answer
                guard case .wait(let time) = verdict else { return response }
                if turn != time { timeouts.wake(waker, after: time.duration(since: now), with: .news) }
                turn = time
            }
            // What is not answered now is news of somebody else, or presence whose turn has not come: neither is late.
            let wakeUp = await waker.next()
            newsTime = wakeUp.newsTime
            switch wakeUp.reason {
            case .news: continue
            // Presence that waits for its turn goes along with the end.
            case .timedOut: isOver = true
            case .shutdown: return SyncResponse(nextBatch: since, keyCounts: notifier.ask { $0.keyCounts(of: device) })
            case .clientGone: throw SyncError.clientGone
            }
        }
    }

    /// The answer of a sync is about to be written.
    public func answerIsReady(_ response: SyncResponse) {
        guard let newsTime = response.newsTime else { return }
        metrics.wokenAnswerWasReady(took: max(writer.clock.now().monotonic.duration(since: newsTime), .zero))
    }

    /// What is new now, and whether it is presence and status alone: a peek's first state is more than that, whatever a filter leaves
    /// of it. With nothing new, the token is the one that was given.
    private func answer(
        _ request: SyncRequest, device: DeviceKey, since: SyncToken?
    ) async throws -> (response: SyncResponse, isPresenceOnly: Bool) {
        let legacy = legacy.isServed(at: writer.clock.now().wall)
        let plan = notifier.ask { engine in
            engine.plan(
                for: device, since: request.fullState ? nil : since?.position, delivered: since?.delivered,
                typingSince: since?.ephemeral, legacyPresence: legacy)
        }
        if let since, plan.isEmpty { return (SyncResponse(nextBatch: since, keyCounts: plan.keyCounts), false) }
        let assembly = SyncAssembly(
            plan: plan, request: request, since: since?.position, delivered: since?.delivered ?? .zero, device: device)
        var response =
            if assembly.needsStore {
                try await writer.store.read { store in try assembly.response(reading: store) }
            } else {
                try assembly.response(reading: nil)
            }
        response.presence = legacyPresence(plan, of: device.user, filter: request.filter)
        if let since, response.isEmpty { response.nextBatch = since }
        return (response, response.isPresenceOnly && !plan.peeked.contains(where: \.isWhole))
    }

    private func legacyPresence(_ plan: SyncPlan, of viewer: UserID, filter: SyncFilter) -> [LegacyPresence] {
        let wanted = plan.presence.filter { filter.presence.includes(type: .presence, sender: $0) }
        let lost = plan.lostPresence.filter { filter.presence.includes(type: .presence, sender: $0) }
        if wanted.isEmpty && lost.isEmpty { return [] }
        let now = writer.clock.now().wall
        // Whoever was turned away since the plan was made is told of nothing that came after it.
        let seen = notifier.ask { engine in
            wanted.filter { engine.seesLegacyPresence(viewer, of: $0) }
                .compactMap { user in engine.lane(of: user).map { LegacyPresence(user: user, lane: $0, now: now) } }
        }
        return seen + lost.map { LegacyPresence(user: $0, lane: LaneState(), now: now) }
    }
}

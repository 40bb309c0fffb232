import HearthStore
public import MatrixModel
import PresenceCore
import SubscriptionCore

/// Tells a device what is new for it, and holds its request until there is something.
///
/// The cycle: tell the presence service of the contact; register as waiting; ask for the plan; if it holds nothing, sleep until woken
/// and ask again. A wake-up carries no data, so that a request that is woken twice is answered once and with everything.
/// No step reads the store while memory reaches back to `since`.
public final class SyncService: Sendable {
    let writer: RoomWriter
    let notifier: StreamNotifier
    let presence: PresenceService
    let timeouts: Timeouts
    let isLoggedIn: @Sendable (DeviceKey) -> Bool
    let servesLegacyPresence: Bool

    /// The longest a request is held, whatever it asks for.
    public static let longestTimeout: Duration = .seconds(300)

    public init(
        writer: RoomWriter, notifier: StreamNotifier, presence: PresenceService, timeouts: Timeouts, servesLegacyPresence: Bool,
        isLoggedIn: @escaping @Sendable (DeviceKey) -> Bool
    ) {
        self.writer = writer
        self.notifier = notifier
        self.presence = presence
        self.timeouts = timeouts
        self.servesLegacyPresence = servesLegacyPresence
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
        guard let since, request.timeout > .zero, !request.fullState else {
            return try await answer(request, device: device, since: since)
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
        while true {
            guard isLoggedIn(device) else { throw SyncError.loggedOut }
            let response = try await answer(request, device: device, since: since)
            if !response.isEmpty { return response }
            switch await waker.next() {
            case .news: continue
            case .timedOut, .shutdown: return SyncResponse(nextBatch: since)
            case .clientGone: throw SyncError.clientGone
            }
        }
    }

    /// What is new now. With nothing new, the token is the one that was given.
    private func answer(_ request: SyncRequest, device: DeviceKey, since: SyncToken?) async throws -> SyncResponse {
        let legacy = servesLegacyPresence
        let plan = notifier.ask { $0.plan(for: device, since: request.fullState ? nil : since?.position, legacyPresence: legacy) }
        if let since, plan.isEmpty { return SyncResponse(nextBatch: since) }
        let assembly = SyncAssembly(plan: plan, request: request, since: since?.position, device: device)
        var response =
            if assembly.needsStore {
                try await writer.store.read { store in try assembly.response(reading: store) }
            } else {
                try assembly.response(reading: nil)
            }
        response.presence = legacyPresence(plan.presence, filter: request.filter)
        if let since, response.isEmpty { response.nextBatch = since }
        return response
    }

    private func legacyPresence(_ users: [UserID], filter: SyncFilter) -> [LegacyPresence] {
        let wanted = users.filter { filter.presence.includes(type: .presence, sender: $0) }
        if wanted.isEmpty { return [] }
        let now = writer.clock.now().wall
        return notifier.ask { engine in
            wanted.compactMap { user in engine.lane(of: user).map { LegacyPresence(user: user, lane: $0, now: now) } }
        }
    }
}

import HearthRuntime
import HearthStore
import Logging
public import MatrixModel
import PushCore
public import ServiceLifecycle
import SubscriptionCore
import Synchronization

/// Sends notifications to push gateways, each pusher's in order and every one of them until it is taken or a day old.
///
/// The cycle: a commit that notifies somebody rings; the desk (``PusherDesk``, in ``PushBook``) hands out what there is to do; each piece runs
/// as a child task and is answered to the desk, which decides what comes next and when a failure is tried again. How far each pusher has
/// come is stored once a second, and at the end: what was sent after that is sent again after a crash, and nothing is left out.
/// Devices whose pushers begin or cease to work are told to whom it concerns (presence).
public final class PusherService: Service {
    /// How often progress is stored.
    private static let storeInterval: Duration = .seconds(1)

    let store: Store
    let clock: any ServerClock
    let push: PushBook
    let ignoring: IgnoringBook
    let writer: RoomWriter
    let notifier: StreamNotifier
    private let gateway: any PushGatewayClient
    private let logger: Logger
    private let workingChanged: @Sendable (DeviceKey, Bool) -> Void
    private var book: PushBook { push }

    /// - Parameter workingChanged: told of every device that has a working pusher from now on, or has none any more.
    init(
        store: Store, clock: any ServerClock, push: PushBook, ignoring: IgnoringBook, writer: RoomWriter,
        notifier: StreamNotifier, gateway: any PushGatewayClient, logger: Logger,
        workingChanged: @escaping @Sendable (DeviceKey, Bool) -> Void
    ) {
        self.store = store
        self.clock = clock
        self.push = push
        self.ignoring = ignoring
        self.writer = writer
        self.notifier = notifier
        self.gateway = gateway
        self.logger = logger
        self.workingChanged = workingChanged
    }

    // MARK: What users do

    /// The user's pushers, as they were set.
    public func pushers(of user: UserID) async throws -> [JSONObject] {
        try await store.read { try $0.pushers.pushers(of: user) }.map { pusher in
            pusher.json.merging(["app_id": .string(pusher.appID), "pushkey": .string(pusher.pushkey)])
        }
    }

    /// - Throws: ``PusherError``, ``AccountError/unknownToken`` for a device that was logged out meanwhile, or ``WriteError``.
    public func set(_ request: PusherRequest, by device: DeviceKey) async throws {
        try await writer.perform { [push] in try push.setPusher(request, by: device, in: $0) }
    }

    // MARK: The loop

    /// Ends ``run()``.
    public func stop() { book.alarm.silence() }

    public func run() async throws {
        await withDiscardingTaskGroup { group in
            var nextStore = clock.now().monotonic
            await TimedLoop(book.alarm).run {
                while let action = nextAction() { group.addTask { await self.perform(action) } }
                tellWorkingChanges()
                let now = clock.now().monotonic
                if now >= nextStore {
                    await storeProgress()
                    nextStore = now.advanced(by: Self.storeInterval)
                }
                return .sleep(nextWait(until: nextStore))
            }
            group.cancelAll()
        }
        await storeProgress()
        await gateway.shutDown()
    }

    private func nextAction() -> PusherAction? {
        let now = clock.now()
        return book.withState { $0.desk.next(at: now) }
    }

    private func tellWorkingChanges() {
        let now = clock.now().wall
        for change in book.withState({ $0.desk.takeWorkingChanges(at: now) }) { workingChanged(change.device, change.isWorking) }
    }

    private func nextWait(until store: MonotonicTime) -> Duration? {
        let now = clock.now()
        let (deadline, hasProgress) = book.withState { ($0.desk.nextDeadline(at: now), $0.desk.hasProgress) }
        let next = [deadline, hasProgress ? store : nil].compactMap { $0 }.min()
        return next.map { max($0.duration(since: now.monotonic), .zero) }
    }

    private func storeProgress() async {
        let progress = book.withState { $0.desk.takeProgress() }
        if progress.isEmpty { return }
        do {
            try await writer.perform(as: .housekeeping) { context in
                for step in progress {
                    try context.transaction.pushers.setProgress(
                        of: step.pusher.user, appID: step.pusher.appID, pushkey: step.pusher.pushkey, position: step.position,
                        lastSuccess: step.health.lastSuccess, lastFailure: step.health.lastFailure)
                }
            }
        } catch {
            book.withState { $0.desk.progressWasNotStored(of: progress.map(\.pusher)) }
            logger.warning("how far notifications were sent could not be stored", metadata: ["reason": "\(error)"])
        }
    }

    // MARK: One piece of work

    /// How much is read at once for a pusher that is behind.
    private static let readLimit = 100

    private func perform(_ action: PusherAction) async {
        let ticket = action.ticket
        do {
            switch action {
            case .read(_, let after):
                let positions = try await store.read {
                    try $0.pushNotices.candidates(for: ticket.pusher.user, after: after, limit: Self.readLimit)
                }
                book.withState { $0.desk.wasRead(ticket, positions, isComplete: positions.count < Self.readLimit) }
            case .deliver(_, let position):
                try await deliver(position, ticket: ticket)
            }
        } catch PushGatewayError.cancelled {
            book.withState { $0.desk.abandoned(ticket) }
        } catch let error as PushGatewayError {
            failed(ticket, isGateway: true, reason: "\(error)")
        } catch {
            failed(ticket, isGateway: false, reason: "\(error)")
        }
        book.alarm.ring()
    }

    private func deliver(_ position: StreamPosition, ticket: PusherTicket) async throws {
        let now = clock.now().wall
        guard let (body, url) = try await request(for: ticket.pusher, position: position, now: now) else {
            return book.withState { $0.desk.passedOver(ticket) }
        }
        let response = try await gateway.post(body, to: url)
        switch GatewayVerdict(status: response.status, body: response.body, pushkey: ticket.pusher.pushkey) {
        case .delivered:
            let now = clock.now()
            book.withState { $0.desk.delivered(ticket, at: now) }
        case .failed:
            failed(ticket, isGateway: true, reason: "the gateway answered with \(response.status)")
        case .rejected:
            logger.info("a push gateway rejected a key; its pusher is removed", metadata: ["gateway": "\(url.host)"])
            try await writer.perform { [push] in try push.deletePusher(ticket.pusher, in: $0) }
            book.withState { $0.desk.abandoned(ticket) }
        }
    }

    private func failed(_ ticket: PusherTicket, isGateway: Bool, reason: String) {
        let now = clock.now()
        let isFirst = book.withState { $0.desk.failed(ticket, at: now, isGateway: isGateway) }
        if isFirst {
            logger.info(
                "a notification could not be sent; it is tried again",
                metadata: ["user": "\(ticket.pusher.user)", "reason": "\(reason)"])
        }
    }
}

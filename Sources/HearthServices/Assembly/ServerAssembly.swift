public import HearthRuntime
public import HearthSettings
public import HearthStore
public import Logging
import MatrixModel
import SubscriptionCore

/// What all services stand on, wired once: the store, the writer, who follows rooms in which order, and what they keep in memory.
///
/// The services are made of it (`ServerAssembly+….swift`), by the server as by tests: nobody else knows what one needs of another.
public struct ServerAssembly: Sendable {
    public let store: Store
    public let server: ServerIdentity
    public let clock: any ServerClock
    public let notifier: StreamNotifier
    public let logger: Logger
    public let quotas: Quotas
    public let writer: RoomWriter
    public let audience: PresenceAudience
    /// How much users have stored of events lately.
    public let eventBytes: EventBytes
    let push: PushBook
    let followUps: FollowUpQueue

    /// - Parameters:
    ///   - notifier: holds the subscriptions as they stand in the store (``SubscriptionRestoration``).
    ///   - longestBatch: for how long the operations of one transaction may run, as far as that can be foretold.
    public init(
        store: Store, server: ServerIdentity, clock: any ServerClock, notifier: StreamNotifier, logger: Logger,
        quotas: Quotas = Quotas(), longestBatch: Duration = .milliseconds(100)
    ) throws {
        self.store = store
        self.server = server
        self.clock = clock
        self.notifier = notifier
        self.logger = logger
        self.quotas = quotas
        // First of all: after a restore pushers begin anew.
        let history = try KnownHistory.begin(in: store)
        push = try PushBook(store: store, clock: clock)
        followUps = try FollowUpQueue(store: store, clock: clock)
        audience = PresenceAudience(
            notifier.ask { $0.audience }, ignoring: IgnoringBook(notifier.ask { $0.everyonesIgnored }), followUps: followUps)
        eventBytes = EventBytes(perHour: quotas.eventBytesPerHour, clock: clock)
        writer = try RoomWriter(
            store: store, server: server, clock: clock, notifier: notifier, history: history,
            // First who must be told what an event means, then who sees what of it.
            followers: [
                PushNotices(push: push), audience, DirectoryFollower(), PersistentStatusFollower(), PeekFollower(), eventBytes,
            ],
            logger: logger, longestBatch: longestBatch)
    }

    var accountDataWriter: AccountDataWriter { AccountDataWriter(quotas: quotas, audience: audience) }

    /// Does what operations leave to be done after them.
    public func followUpService() -> FollowUps {
        FollowUps(
            writer: writer, clock: clock, queue: followUps,
            steps: [
                .audience: { [audience] pending, context in
                    guard case .audience(let scope) = pending.followUp else { return nil }
                    return try audience.step(through: scope, from: pending.cursor, in: context)
                },
                .memberEvents: MemberEvents.step, .departure: AccountRooms.step, .keyBackups: AccountKeys.step,
            ], logger: logger)
    }
}

import ClientAPI
import HearthServices
import HearthStore
import Logging
import MatrixModel
import PresenceCore
import PrometheusText
import PushGateway
import ServiceLifecycle
import SubscriptionCore

/// One running homeserver: the store, the services around it and the HTTP edge, wired together.
///
/// Services stop in the reverse order of their list: first held requests are answered, then the edge drains, then presence and the
/// purge end, and last the writer, which still writes what waits, and when each device was in contact last.
struct HearthServer {
    let settings: HearthSettings
    let logger: Logger
    let accounts: AccountService
    let writer: RoomWriter
    let services: ClientServices
    let watch: ServerWatch
    let allotment: FileAllotment
    let metrics: ServerMetrics
    /// Nil where nobody asks for metrics.
    let registry: PrometheusRegistry?
    let background: [any Service]
    let health: HealthCheck

    /// Opens the data directory and brings memory up to the store. Nothing listens yet.
    ///
    /// - Parameter serverName: in place of the settings' name, for commands that find it in the database.
    /// - Throws: ``StoreError`` with a sentence for the operator.
    init(settings: HearthSettings, serverName: ServerName? = nil, logger: Logger) throws {
        let serverName = serverName ?? settings.server.name
        self.settings = settings
        self.logger = logger
        allotment = FileAllotment(
            limit: OpenFileLimit.softLimit, connections: settings.limits.connections,
            perAddress: settings.limits.connectionsPerAddress)
        let clock = SystemClock()
        let store = try Store(directory: settings.data.directory, serverName: serverName)
        if settings.limits.diskPages > 0 { try store.limitPages(to: settings.limits.diskPages) }
        let identity = try ServerIdentity(
            name: serverName, signingKey: try SigningKeyStore.loadOrMake(in: store, server: serverName))
        let audience = Audience(settings.presence)
        let notifier = StreamNotifier(
            engine: try store.readNow {
                try SubscriptionRestoration.engine(from: $0, audience: audience, startedAt: clock.now().wall)
            })
        var quotas = settings.quotas
        if !settings.rateLimits.isEnabled {
            quotas.roomsPerHour = 0
            quotas.eventBytesPerHour = 0
        }
        let writer = try RoomWriter(
            store: store, server: identity, clock: clock, notifier: notifier, logger: logger, quotas: quotas)
        try ProfileRoomFactory.createMissing(with: writer)
        try writer.performNow { try $0.followAudienceOfAllPeeks() }

        let presenceSettings = PresenceSettings(settings.presence)
        let engine = try store.readNow {
            try PresenceRestoration.engine(settings: presenceSettings, store: $0, now: clock.now())
        }
        let registry = settings.metrics.listen.map { _ in PrometheusRegistry(MetricName.descriptions) }
        let metrics = registry.map { ServerMetrics(factory: $0) } ?? ServerMetrics()
        let admission = Admission(
            longestWait: settings.limits.longestWait, bufferedBytes: settings.limits.buffers,
            largestBody: settings.limits.requestBody, metrics: metrics)
        let presence = PresenceService(
            writer: writer, notifier: notifier, engine: engine, logger: logger, retention: settings.presence.retention,
            metrics: metrics)
        let peeks = PeekService(
            writer: writer, notifier: notifier,
            settings: PeekSettings(lifetime: settings.peek.lifetime, mostPerDevice: settings.peek.maxPerDevice), logger: logger)
        let tokens = try AccessTokens(store: store)
        let activity: @Sendable (DeviceKey) -> Void = { presence.activityHappened(on: $0) }
        let typing = TypingService(notifier: notifier, clock: clock, activityHappened: activity)
        let accounts = AccountService(writer: writer, tokens: tokens, settings: settings) { device, context in
            try presence.deviceLoggedOut(device, in: context)
            context.afterCommit { typing.loggedOut(device) }
        } userEnded: { user, context in
            try presence.userDeactivated(user, in: context)
        }
        let pushers = PusherService(
            writer: writer, notifier: notifier, gateway: HTTPPushGateway(allowsPrivate: settings.push.allowsPrivate),
            logger: logger
        ) { device, isWorking in presence.pusherChanged(of: device, isWorking: isWorking) }
        let timeouts = Timeouts(clock: clock)
        let legacy = LegacyUse(policy: LegacyPolicy(settings.legacy), clock: clock, logger: logger, metrics: metrics)
        let sync = SyncService(
            writer: writer, notifier: notifier, presence: presence, timeouts: timeouts,
            legacy: legacy.policy, presenceWakeInterval: settings.sync.presenceWakeInterval, metrics: metrics,
            admission: admission,
            isLoggedIn: { tokens.isLoggedIn($0) })

        let thumbnailer = ThumbnailerPath(settings.media)
        thumbnailer.warn(logger: logger)
        let media = try MediaService(
            writer: writer, timeouts: timeouts, settings: MediaSettings(settings.media),
            thumbnailer: thumbnailer.path, logger: logger, admission: admission,
            mostOpenFiles: allotment.contentFiles)

        let limits = UserLimits(isEnabled: settings.rateLimits.isEnabled, clock: clock, events: writer.eventBytes)

        self.accounts = accounts
        self.writer = writer
        services = ClientServices(
            settings: ClientAPISettings(settings), accounts: accounts,
            rooms: RoomService(
                writer: writer, notifier: notifier,
                settings: RoomSettings(defaultVersion: settings.rooms.defaultVersion), typing: typing,
                activityHappened: activity),
            reader: RoomReader(writer: writer, notifier: notifier), typing: typing,
            receipts: ReceiptService(writer: writer, activityHappened: activity),
            directories: DirectoryService(writer: writer, notifier: notifier),
            profiles: ProfileService(writer: writer, notifier: notifier, presence: presence), presence: presence, peeks: peeks,
            sync: sync,
            accountData: AccountDataService(writer: writer, presence: presence), filters: FilterService(writer: writer),
            encryption: EncryptionServices(writer: writer, notifier: notifier, accounts: accounts, limits: limits),
            push: PushServices(writer: writer, notifier: notifier, pushers: pushers), notifier: notifier,
            media: media, limits: limits, legacy: legacy,
            turn: TurnServers(settings: settings.turn, clock: clock), admission: admission)
        let purge = Purge(
            writer: writer,
            settings: PurgeSettings(laneRetention: settings.presence.retention, peekLifetime: settings.peek.lifetime),
            logger: logger)
        let statusExpiry = StatusExpiry(writer: writer, notifier: notifier, logger: logger)
        let probe = LoadProbe(admission: admission, writer: writer)
        let followUps = FollowUps(writer: writer, logger: logger)
        health = HealthCheck(writer: writer, timeouts: timeouts)
        background = [
            writer, probe, health, sync.deliveries, timeouts, typing, purge, peeks, statusExpiry, presence, legacy, pushers,
            followUps,
        ]
        self.metrics = metrics
        self.registry = registry
        watch = ServerWatch(
            version: Version.number, writer: writer, notifier: notifier, accounts: accounts, legacy: legacy, metrics: metrics)
    }
}

/// Answers held requests at the very beginning of a shutdown, so that the edge can drain.
struct HeldRequestsRelease: Service {
    let notifier: StreamNotifier
    let media: MediaService
    let admission: Admission
    let stopping: @Sendable () -> Void

    func run() async throws {
        try await gracefulShutdown()
        stopping()
        notifier.shutDown()
        media.shutDown()
        admission.shutDown()
    }
}

extension PresenceSettings {
    init(_ settings: HearthSettings.Presence) {
        self.init(
            deviceGrace: settings.deviceGrace, reachableFor: settings.reachableFor, busyDeviceGrace: settings.busyDeviceGrace,
            idleAfter: settings.idleAfter, settle: settings.settle, pusherReachableFor: settings.pusherReachableFor,
            busyExpiresAfter: settings.busyExpiresAfter, unavailableExpiresAfter: settings.unavailableExpiresAfter,
            publishesLastActive: settings.lastActive)
    }
}

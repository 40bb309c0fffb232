package import ClientAPI
import HearthMedia
import HearthRuntime
package import HearthServices
package import HearthSettings
package import HearthStore
package import Logging
package import MatrixModel
import PresenceCore
import PrometheusText
import PushGateway
package import ServiceLifecycle
import SubscriptionCore

/// One running homeserver: the store, the services around it and the HTTP edge, wired together.
///
/// Services stop in the reverse order of their list: first held requests are answered, then the edge drains, then presence and the
/// purge end, and last the writer, which still writes what waits, and when each device was in contact last.
package struct HearthServer {
    let settings: HearthSettings
    let logger: Logger
    package let accounts: AccountService
    package let store: Store
    package let writer: RoomWriter
    package let services: ClientServices
    let watch: ServerWatch
    let allotment: FileAllotment
    let metrics: ServerMetrics
    /// Nil where nobody asks for metrics.
    let registry: PrometheusRegistry?
    package let background: [any Service]
    let health: HealthCheck

    /// Opens the data directory and brings memory up to the store. Nothing listens yet.
    ///
    /// - Parameter serverName: in place of the settings' name, for commands that find it in the database.
    /// - Throws: ``StoreError`` with a sentence for the operator.
    package init(
        settings: HearthSettings, serverName: ServerName? = nil, logger: Logger, surroundings: Surroundings = Surroundings()
    ) throws {
        let serverName = serverName ?? settings.server.name
        self.settings = settings
        self.logger = logger
        allotment = FileAllotment(
            limit: OpenFileLimit.softLimit, connections: settings.limits.connections,
            perAddress: settings.limits.connectionsPerAddress)
        let clock = surroundings.clock
        store = try Store(directory: settings.data.directory, serverName: serverName)
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
        let assembly = try ServerAssembly(
            store: store, server: identity, clock: clock, notifier: notifier, logger: logger, quotas: quotas)
        writer = assembly.writer
        try ProfileRoomFactory.createMissing(in: store, with: writer)
        try writer.performNow { [audience = assembly.audience] in try audience.followAllPeeks(in: $0, as: notifier) }

        let presenceSettings = PresenceSettings(settings.presence)
        let engine = try store.readNow {
            try PresenceRestoration.engine(settings: presenceSettings, store: $0, now: clock.now())
        }
        let registry = settings.metrics.listen.map { _ in PrometheusRegistry(MetricName.descriptions) }
        let metrics = registry.map { ServerMetrics(factory: $0) } ?? ServerMetrics()
        let admission = Admission(
            longestWait: settings.limits.longestWait, bufferedBytes: settings.limits.buffers,
            largestBody: settings.limits.requestBody, patience: surroundings.patience, metrics: metrics)
        let tokens = try AccessTokens(store: store)
        let presence = assembly.presence(engine: engine, retention: settings.presence.retention, metrics: metrics) {
            if let context = $1 { tokens.isLoggedIn($0, in: context) } else { tokens.isLoggedIn($0) }
        }
        let peeks = assembly.peeks(PeekSettings(lifetime: settings.peek.lifetime, mostPerDevice: settings.peek.maxPerDevice))
        let activity: @Sendable (DeviceKey) -> Void = { presence.activityHappened(on: $0) }
        let typing = assembly.typing(activityHappened: activity)
        accounts = assembly.accounts(tokens: tokens, settings: settings, followers: [presence, typing])
        let gateway = surroundings.pushGateway ?? HTTPPushGateway(allowsPrivate: settings.push.allowsPrivate)
        let pushers = assembly.pushers(gateway: gateway) { presence.pusherChanged(of: $0, isWorking: $1) }
        let timeouts = Timeouts(clock: clock)
        let legacy = LegacyUse(policy: LegacyPolicy(settings.legacy), clock: clock, logger: logger, metrics: metrics)
        let sync = assembly.sync(
            presence: presence, timeouts: timeouts, legacy: legacy.policy,
            presenceWakeInterval: settings.sync.presenceWakeInterval, metrics: metrics, admission: admission
        ) { tokens.isLoggedIn($0) }

        let thumbnailer = ThumbnailerPath(settings.media)
        thumbnailer.warn(logger: logger)
        let mediaSettings = MediaSettings(settings.media)
        let media = try assembly.media(
            mediaSettings, timeouts: timeouts, thumbnailer: thumbnailer.path, admission: admission,
            mostOpenFiles: allotment.contentFiles)

        let limits = UserLimits(isEnabled: settings.rateLimits.isEnabled, clock: clock, events: assembly.eventBytes)

        services = ClientServices(
            settings: ClientAPISettings(settings),
            accounts: .init(
                accounts: accounts, data: assembly.accountData(presence: presence), filters: assembly.filters(),
                turn: TurnServers(settings: settings.turn, clock: clock)),
            rooms: .init(
                rooms: assembly.rooms(
                    RoomSettings(defaultVersion: settings.rooms.defaultVersion), typing: typing, activityHappened: activity),
                reader: assembly.reader(), typing: typing, receipts: assembly.receipts(activityHappened: activity),
                directories: assembly.directories()),
            presence: .init(
                presence: presence, profiles: assembly.profiles(presence: presence), peeks: peeks, sync: sync,
                notifier: notifier, legacy: legacy),
            encryption: assembly.encryption(accounts: accounts, limits: limits), push: assembly.pushServices(pushers: pushers),
            media: media, limits: .init(users: limits, admission: admission))
        let purge = assembly.purge(
            PurgeSettings(
                laneRetention: settings.presence.retention, peekLifetime: settings.peek.lifetime,
                unusedMediaLifetime: mediaSettings.unusedLifetime))
        health = assembly.health(timeouts: timeouts)
        background = [
            writer, assembly.loadProbe(of: admission), health, sync.deliveries, timeouts, typing, purge, peeks,
            assembly.statusExpiry(), presence, legacy, pushers, assembly.followUpService(),
        ]
        self.metrics = metrics
        self.registry = registry
        watch = assembly.watch(version: Version.number, accounts: accounts, legacy: legacy, metrics: metrics)
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

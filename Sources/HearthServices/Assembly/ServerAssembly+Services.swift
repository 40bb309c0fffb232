public import HearthRuntime
public import HearthSettings
public import MatrixModel
public import PresenceCore

/// What clients ask for.
extension ServerAssembly {
    public func presence(
        engine: PresenceEngine, retention: Duration = .seconds(3600), metrics: ServerMetrics = ServerMetrics(),
        isLoggedIn: @escaping @Sendable (DeviceKey, WriteContext?) -> Bool
    ) -> PresenceService {
        PresenceService(
            store: store, clock: clock, accountData: accountDataWriter, writer: writer, notifier: notifier, engine: engine,
            logger: logger, retention: retention, metrics: metrics, isLoggedIn: isLoggedIn)
    }

    public func peeks(_ settings: PeekSettings = PeekSettings()) -> PeekService {
        PeekService(clock: clock, audience: audience, writer: writer, notifier: notifier, settings: settings, logger: logger)
    }

    public func typing(activityHappened: @escaping @Sendable (DeviceKey) -> Void) -> TypingService {
        TypingService(notifier: notifier, clock: clock, activityHappened: activityHappened)
    }

    /// - Parameter followers: who else keeps up with accounts and devices, after those that belong to the store alone.
    public func accounts(
        tokens: AccessTokens, settings: HearthSettings, followers: [any AccountFollower]
    ) -> AccountService {
        AccountService(
            store: store, clock: clock, server: server, quotas: quotas, writer: writer, tokens: tokens, settings: settings,
            // Presence publishes the end while the profile room is still there.
            followers: followers + [
                AccountRooms(followUps: followUps), AccountKeys(followUps: followUps), accountDataWriter, push,
            ])
    }

    public func rooms(
        _ settings: RoomSettings = RoomSettings(), typing: TypingService,
        activityHappened: @escaping @Sendable (DeviceKey) -> Void
    ) -> RoomService {
        var settings = settings
        settings.quotas = quotas
        return RoomService(
            store: store, clock: clock, server: server, writer: writer, notifier: notifier, settings: settings, typing: typing,
            activityHappened: activityHappened)
    }

    public func reader() -> RoomReader {
        RoomReader(store: store, audience: audience, notifier: notifier)
    }

    public func receipts(activityHappened: @escaping @Sendable (DeviceKey) -> Void) -> ReceiptService {
        ReceiptService(quotas: quotas, writer: writer, activityHappened: activityHappened)
    }

    public func directories() -> DirectoryService {
        DirectoryService(store: store, writer: writer, notifier: notifier)
    }

    public func profiles(presence: PresenceService) -> ProfileService {
        ProfileService(
            store: store, memberEvents: MemberEvents(followUps: followUps), writer: writer, notifier: notifier,
            presence: presence)
    }

    public func accountData(presence: PresenceService) -> AccountDataService {
        AccountDataService(
            store: store, writer: writer, accountData: accountDataWriter, push: push,
            setters: Dictionary(
                uniqueKeysWithValues: PersistentPresence.types.map { type in
                    (type, { @Sendable in try await presence.setPersistent($0, as: $1, of: $2) })
                }))
    }

    public func filters() -> FilterService {
        FilterService(store: store, clock: clock, writer: writer, quotas: quotas)
    }

    public func encryption(accounts: AccountService, limits: UserLimits) -> EncryptionServices {
        EncryptionServices(
            keys: KeyService(
                store: store, quotas: quotas, writer: writer, notifier: notifier, accounts: accounts,
                limitsClaims: limits.isEnabled),
            toDevice: ToDeviceService(store: store, server: server, quotas: quotas, writer: writer, limits: limits),
            backups: KeyBackupService(store: store, quotas: quotas, writer: writer))
    }

    public func pushers(
        gateway: any PushGatewayClient, workingChanged: @escaping @Sendable (DeviceKey, Bool) -> Void
    ) -> PusherService {
        PusherService(
            store: store, clock: clock, push: push, ignoring: audience.ignoring, writer: writer, notifier: notifier,
            gateway: gateway, logger: logger, workingChanged: workingChanged)
    }

    public func pushServices(pushers: PusherService) -> PushServices {
        PushServices(
            rules: PushRuleService(writer: writer, push: push), pushers: pushers,
            history: NotificationHistory(store: store, push: push, ignoring: audience.ignoring, notifier: notifier))
    }

    public func sync(
        presence: PresenceService, timeouts: Timeouts, legacy: LegacyPolicy, presenceWakeInterval: Duration = .seconds(1),
        metrics: ServerMetrics = ServerMetrics(), admission: Admission = Admission(),
        isLoggedIn: @escaping @Sendable (DeviceKey) -> Bool
    ) -> SyncService {
        SyncService(
            store: store, clock: clock, history: writer.history, notifier: notifier, presence: presence,
            deliveries: DeliveredMessages(clock: clock, writer: writer, notifier: notifier),
            rules: SyncRules(legacy: legacy, presenceWakeInterval: presenceWakeInterval, isLoggedIn: isLoggedIn),
            waiting: RequestWaiting(timeouts: timeouts, admission: admission, metrics: metrics))
    }
}

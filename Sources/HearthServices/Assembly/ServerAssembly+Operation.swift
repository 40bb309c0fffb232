public import HearthRuntime

/// What keeps the server going, and tells its operator how it is.
extension ServerAssembly {
    public func purge(_ settings: PurgeSettings) -> Purge {
        Purge(clock: clock, writer: writer, settings: settings, logger: logger)
    }

    public func statusExpiry() -> StatusExpiry {
        StatusExpiry(clock: clock, writer: writer, notifier: notifier, logger: logger)
    }

    public func loadProbe(of admission: Admission) -> LoadProbe {
        LoadProbe(admission: admission, store: store, clock: clock, writer: writer)
    }

    public func health(timeouts: Timeouts) -> HealthCheck {
        HealthCheck(store: store, clock: clock, writer: writer, timeouts: timeouts)
    }

    public func watch(
        version: String, accounts: AccountService, legacy: LegacyUse, metrics: ServerMetrics
    ) -> ServerWatch {
        ServerWatch(
            version: version, store: store, clock: clock, writer: writer, notifier: notifier, accounts: accounts, legacy: legacy,
            metrics: metrics)
    }
}

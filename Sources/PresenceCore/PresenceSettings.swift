/// The periods by which presence is computed and published.
///
/// Expected and checked where settings are read: none is negative, and `deviceGrace <= busyDeviceGrace <= reachableFor`. Zero is
/// allowed everywhere. The engine stays free of traps whatever they are.
public struct PresenceSettings: Sendable, Equatable {
    /// How long a device stays live after its last contact. Longer than clients' usual poll of 30 s, so that polls do not flicker.
    public var deviceGrace: Duration
    /// How long a device without a pusher stays reachable after its last contact.
    public var reachableFor: Duration
    /// How long `busy` is believed after a device's last contact: a call outlives a network change.
    public var busyDeviceGrace: Duration
    /// After how long without activity an implied `online` decays to `unavailable`.
    public var idleAfter: Duration
    /// How long a fall that comes from devices waits before it is published.
    public var settle: Duration
    /// The longest that doubling makes ``settle``.
    public var longestSettle: Duration
    /// How far back published falls count towards the doubling of ``settle``.
    public var fallWindow: Duration
    /// How long a device with a working pusher stays reachable after its last contact.
    public var pusherReachableFor: Duration
    /// After how long a `busy` that a user chose without an expiry ends.
    public var busyExpiresAfter: Duration
    /// After how long a firm `unavailable` that a user chose without an expiry ends.
    public var unavailableExpiresAfter: Duration
    /// Whether what is published tells when the user was last online.
    public var publishesLastActive: Bool

    public init(
        deviceGrace: Duration = .seconds(60), reachableFor: Duration = .seconds(300), busyDeviceGrace: Duration = .seconds(300),
        idleAfter: Duration = .seconds(300), settle: Duration = .seconds(5), longestSettle: Duration = .seconds(60),
        fallWindow: Duration = .seconds(600), pusherReachableFor: Duration = .seconds(7 * 86_400),
        busyExpiresAfter: Duration = .seconds(86_400), unavailableExpiresAfter: Duration = .seconds(7 * 86_400),
        publishesLastActive: Bool = true
    ) {
        self.deviceGrace = deviceGrace
        self.reachableFor = reachableFor
        self.busyDeviceGrace = busyDeviceGrace
        self.idleAfter = idleAfter
        self.settle = settle
        self.longestSettle = longestSettle
        self.fallWindow = fallWindow
        self.pusherReachableFor = pusherReachableFor
        self.busyExpiresAfter = busyExpiresAfter
        self.unavailableExpiresAfter = unavailableExpiresAfter
        self.publishesLastActive = publishesLastActive
    }
}

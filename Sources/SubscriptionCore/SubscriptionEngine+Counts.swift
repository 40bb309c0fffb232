/// How much the engine knows, for whoever watches over the server.
extension SubscriptionEngine {
    /// How many peeks live, and how many devices have at least one. Looks at every device that ever peeked.
    public var livePeeks: (peeks: Int, devices: Int) {
        devices.values.reduce(into: (peeks: 0, devices: 0)) { counts, entry in
            counts.peeks += entry.live.count
            counts.devices += entry.live.isEmpty ? 0 : 1
        }
    }
}

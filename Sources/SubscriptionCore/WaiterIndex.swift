import MatrixModel

/// One request that is held until something new comes.
public struct WaiterID: Hashable, Sendable {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// The held requests, found by user and by device.
struct WaiterIndex: Sendable {
    /// A user holds few requests at once, one a device: an array is smaller and quicker than a dictionary.
    private var byUser: [UserID: [Entry]] = [:]
    private var owners: [WaiterID: UserID] = [:]

    private struct Entry: Sendable {
        let waiter: WaiterID
        let device: DeviceID
    }

    var count: Int { owners.count }
    var users: some Collection<UserID> { byUser.keys }

    mutating func insert(_ waiter: WaiterID, for device: DeviceKey) {
        owners[waiter] = device.user
        byUser[device.user, default: []].append(Entry(waiter: waiter, device: device.device))
    }

    mutating func remove(_ waiter: WaiterID) {
        guard let user = owners.removeValue(forKey: waiter) else { return }
        byUser[user]?.removeAll { $0.waiter == waiter }
        if byUser[user]?.isEmpty == true { byUser[user] = nil }
    }

    func collect(_ user: UserID, into woken: inout Set<WaiterID>) {
        for entry in byUser[user] ?? [] { woken.insert(entry.waiter) }
    }

    func collect(_ device: DeviceKey, into woken: inout Set<WaiterID>) {
        for entry in byUser[device.user] ?? [] where entry.device == device.device { woken.insert(entry.waiter) }
    }
}

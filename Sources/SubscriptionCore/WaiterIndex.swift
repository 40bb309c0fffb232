import MatrixModel

/// One request that is held until something new comes.
public struct WaiterID: Hashable, Sendable {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// The held requests, found by user and by device.
struct WaiterIndex: Sendable {
    private(set) var byUser: [UserID: [WaiterID: DeviceID]] = [:]
    private var owners: [WaiterID: UserID] = [:]

    var count: Int { owners.count }
    var users: Dictionary<UserID, [WaiterID: DeviceID]>.Keys { byUser.keys }

    mutating func insert(_ waiter: WaiterID, for device: DeviceKey) {
        owners[waiter] = device.user
        byUser[device.user, default: [:]][waiter] = device.device
    }

    mutating func remove(_ waiter: WaiterID) {
        guard let user = owners.removeValue(forKey: waiter) else { return }
        byUser[user]?[waiter] = nil
        if byUser[user]?.isEmpty == true { byUser[user] = nil }
    }

    func isWaiting(_ user: UserID) -> Bool { byUser[user] != nil }

    func collect(_ user: UserID, into woken: inout Set<WaiterID>) {
        if let waiters = byUser[user]?.keys { woken.formUnion(waiters) }
    }

    func collect(_ device: DeviceKey, into woken: inout Set<WaiterID>) {
        for (waiter, id) in byUser[device.user] ?? [:] where id == device.device { woken.insert(waiter) }
    }
}

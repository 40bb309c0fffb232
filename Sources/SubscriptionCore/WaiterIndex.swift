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
        /// Whether presence alone does not concern it for now.
        var isPaced = false
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

    mutating func setPaced(_ waiter: WaiterID, _ isPaced: Bool) {
        guard let user = owners[waiter], let index = byUser[user]?.firstIndex(where: { $0.waiter == waiter }) else { return }
        byUser[user]?[index].isPaced = isPaced
    }

    /// - Parameter news: presence leaves those asleep who are paced.
    func collect(_ user: UserID, for news: News = .any, into woken: inout Set<WaiterID>) {
        for entry in byUser[user] ?? [] where news == .any || !entry.isPaced { woken.insert(entry.waiter) }
    }

    func collect(_ device: DeviceKey, for news: News = .any, into woken: inout Set<WaiterID>) {
        for entry in byUser[device.user] ?? [] where entry.device == device.device && (news == .any || !entry.isPaced) {
            woken.insert(entry.waiter)
        }
    }

    enum News: Sendable {
        case any
        /// Presence and status alone.
        case presence
    }
}

import MatrixModel

/// One request that is held until something new comes.
public struct WaiterID: Hashable, Sendable {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// The held requests, found by user and by device.
struct WaiterIndex: Sendable {
    /// How many requests one device may hold at a time.
    static let mostPerDevice = 8

    /// A user holds few requests at once, one a device: an array is smaller and quicker than a dictionary.
    private var byUser: [UserID: [Entry]] = [:]
    private var owners: [WaiterID: UserID] = [:]
    /// How many requests changes of profiles concern.
    private(set) var profileReaders = 0

    private struct Entry: Sendable {
        let waiter: WaiterID
        let device: DeviceID
        /// Whether presence alone does not concern it for now.
        var isPaced = false
        /// Whether changes of profiles concern it.
        let asksForProfiles: Bool
        /// Whether it was named as one to be ended.
        var isEnding = false

        func isConcerned(by news: News) -> Bool {
            switch news {
            case .any: true
            case .presence: !isPaced
            case .profile: asksForProfiles && !isPaced
            }
        }
    }

    var count: Int { owners.count }
    var users: some Collection<UserID> { byUser.keys }

    func holds(for user: UserID) -> Bool { byUser[user] != nil }

    func holds(for device: DeviceKey) -> Bool { byUser[device.user]?.contains { $0.device == device.device } ?? false }

    /// - Returns: the device's oldest request if it holds more than ``mostPerDevice`` now: that one is to be ended.
    mutating func insert(_ waiter: WaiterID, for device: DeviceKey, asksForProfiles: Bool = false) -> WaiterID? {
        owners[waiter] = device.user
        if asksForProfiles { profileReaders += 1 }
        let entry = Entry(waiter: waiter, device: device.device, asksForProfiles: asksForProfiles)
        return Self.append(entry, to: &byUser[device.user, default: []])
    }

    private static func append(_ entry: Entry, to entries: inout [Entry]) -> WaiterID? {
        entries.append(entry)
        guard entries.count > mostPerDevice else { return nil }
        let held = entries.indices.filter { entries[$0].device == entry.device && !entries[$0].isEnding }
        guard held.count > mostPerDevice, let oldest = held.first else { return nil }
        entries[oldest].isEnding = true
        return entries[oldest].waiter
    }

    mutating func remove(_ waiter: WaiterID) {
        guard let user = owners.removeValue(forKey: waiter) else { return }
        guard let index = byUser[user]?.firstIndex(where: { $0.waiter == waiter }) else { return }
        if byUser[user]?.remove(at: index).asksForProfiles == true { profileReaders -= 1 }
        if byUser[user]?.isEmpty == true { byUser[user] = nil }
    }

    mutating func setPaced(_ waiter: WaiterID, _ isPaced: Bool) {
        guard let user = owners[waiter], let index = byUser[user]?.firstIndex(where: { $0.waiter == waiter }) else { return }
        byUser[user]?[index].isPaced = isPaced
    }

    /// - Parameter news: presence and profiles leave those asleep who are paced.
    func collect(_ user: UserID, for news: News = .any, into woken: inout Set<WaiterID>) {
        for entry in byUser[user] ?? [] where entry.isConcerned(by: news) { woken.insert(entry.waiter) }
    }

    func collect(_ device: DeviceKey, for news: News = .any, into woken: inout Set<WaiterID>) {
        for entry in byUser[device.user] ?? [] where entry.device == device.device && entry.isConcerned(by: news) {
            woken.insert(entry.waiter)
        }
    }

    enum News: Sendable {
        case any
        /// Presence and status alone.
        case presence
        /// Fields of a profile, of which only some want to know.
        case profile
    }
}

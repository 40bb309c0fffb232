import MatrixModel

@testable import SubscriptionCore

/// What an engine remembers, piece by piece in words: so two can be compared, and what differs is named.
///
/// Left out is what a start may forget: the newest events and moves themselves, which are then read from the store.
struct Remembered: Equatable {
    private var facts: [String: String] = [:]

    init(_ engine: SubscriptionEngine, users: [UserID], rooms: [RoomID], devices: [DeviceKey]) {
        for room in rooms { note(room, of: engine, users: users) }
        for user in users { note(user, of: engine, users: users) }
        for device in devices { note(device, of: engine) }
    }

    /// What only one of two remembers, or both otherwise.
    static func differences(_ one: Remembered, _ other: Remembered) -> [String] {
        Set(one.facts.keys).union(other.facts.keys).sorted().compactMap { name in
            let (mine, theirs) = (one.facts[name], other.facts[name])
            return mine == theirs ? nil : "\(name): \(mine ?? "nothing") and \(theirs ?? "nothing")"
        }
    }

    private mutating func note(_ room: RoomID, of engine: SubscriptionEngine, users: [UserID]) {
        guard let entry = engine.rooms[room] else { return }
        facts["\(room) joined"] = Self.sorted(entry.joined.map { "\($0.key) \($0.value)" })
        // Of a profile room, where the first peek found the stream.
        if engine.profileOwner(of: room) == nil { facts["\(room) last position"] = "\(entry.lastPosition)" }
        facts["\(room) last move of a lane"] = "\(entry.lastLaneMove)"
        facts["\(room) peekers"] = Self.sorted(entry.peekers.map { "\($0)" } + entry.laneViewers.map { "lane \($0)" })
        facts["\(room) sharing"] = "\(entry.sharing)"
        for user in users {
            if entry.joined[user] != nil {
                facts["\(room) unread of \(user)"] = "\(engine.unread(for: user, in: room))"
                let read = (1...engine.position.rawValue).last { engine.hasRead(user, in: room, upTo: StreamPosition($0)) }
                facts["\(room) read by \(user) up to"] = "\(read ?? 0)"
            }
            let receipt = (0...engine.position.rawValue).last { entry.hasReceipts(after: StreamPosition($0), for: user) }
            facts["\(room) receipts for \(user)"] = "\(receipt ?? -1)"
        }
    }

    private mutating func note(_ user: UserID, of engine: SubscriptionEngine, users: [UserID]) {
        facts["\(user) profile room"] = "\(String(describing: engine.profileRoom(of: user)))"
        if let entry = engine.users[user] {
            facts["\(user) joined"] = Self.sorted(entry.joined.map { "\($0.key) \($0.value)" })
            facts["\(user) invited"] = Self.sorted(entry.invited.map { "\($0.key) \($0.value)" })
            facts["\(user) left"] = Self.sorted(entry.left.map { "\($0.key) \($0.value)" })
            facts["\(user) last changes"] = "\(entry.lastAccountData) \(entry.profilePosition)"
        }
        if let lane = engine.lane(of: user) {
            let events = [lane.presence, lane.status].compactMap(\.self)
            facts["\(user) lane"] = Self.sorted(events.map { "\($0.position) \($0.content)" })
        }
        facts["\(user) ignores"] = engine.ignoring[user].map { ignored in
            "\(Self.sorted(ignored.users.map(\.description))) \(Self.sorted(ignored.endings.map { "\($0)" }))"
        }
        facts["\(user) shares with"] = engine.sharings[user].map { "\($0)" }
        facts["\(user) program fields"] = engine.programFields[user].map { "\($0)" }
        facts["\(user) sees"] = Self.sorted(users.filter { engine.canSee(user, laneOf: $0) }.map(\.description))
        facts["\(user) sees by rooms"] = Self.sorted(users.filter { engine.seesLegacyPresence(user, of: $0) }.map(\.description))
    }

    private mutating func note(_ device: DeviceKey, of engine: SubscriptionEngine) {
        facts["\(device) peeks"] = Self.sorted(engine.livePeeks(of: device).map { "\($0)" })
        facts["\(device) ended peeks"] = (engine.devices[device]?.ended ?? []).map { "\($0)" }.joined(separator: "; ")
        let entry = engine.deviceEntries[device] ?? DeviceEntry()
        let counts = Self.sorted(entry.keyCounts.oneTimeKeys.map { "\($0)" })
        facts["\(device) keys"] = "\(counts) \(entry.keyCounts.unusedFallbackTypes)"
        facts["\(device) mailbox"] = "\(String(describing: entry.mailbox))"
        for since in [nil] + (0...engine.position.rawValue).map(Optional.some) {
            let plan = engine.plan(for: device, since: since.map { StreamPosition($0) }, legacyPresence: false)
            let rooms = (plan.joined + plan.peeked).map { "\($0.room) \($0.unread) \($0.isCountedAnew) \($0.hasReceipts)" }
            facts["\(device) since \(since ?? -1)"] = """
                \(Self.sorted(rooms)) \(Self.sorted(plan.invited.map(\.description))) \(Self.sorted(plan.left.map { "\($0)" }))
                \(Self.sorted(plan.endedPeeks.map(\.description))) \(plan.hasAccountData) \(plan.hasToDevice)
                \(Self.sorted(plan.changedDeviceLists.map(\.description))) \(plan.keyCounts.unusedFallbackTypes)
                """
        }
    }

    private static func sorted(_ words: [String]) -> String { words.sorted().joined(separator: "; ") }
}

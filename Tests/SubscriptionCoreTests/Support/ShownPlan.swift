import MatrixModel
import SubscriptionCore

/// A plan in the form in which two of them compare: without the order of dictionaries, events by their position.
struct ShownPlan: Equatable, CustomStringConvertible {
    var joined: [RoomID: ShownRoom] = [:]
    var peeked: [RoomID: ShownRoom] = [:]
    var invited: Set<RoomID> = []
    var left: [RoomID: ShownDeparture] = [:]
    var endedPeeks: Set<RoomID> = []
    var presence: Set<UserID> = []
    var lostPresence: Set<UserID> = []
    var hasAccountData = false
    var hasToDevice = false
    var hasNewKeyCounts = false
    var changedDeviceLists: Set<UserID> = []
    var leftDeviceLists: Set<UserID> = []

    var isEmpty: Bool { self == ShownPlan() }

    init() {}

    /// Nil when a plan names anything twice, or a room in two sections. What is of devices and their keys is left out unless asked for: stories of rooms are
    /// easier read without.
    init?(_ plan: SyncPlan, withDevices: Bool = false) {
        func byRoom<Value>(_ pairs: [(RoomID, Value)]) -> [RoomID: Value]? {
            let rooms = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
            return rooms.count == pairs.count ? rooms : nil
        }
        guard let joined = byRoom(plan.joined.map { ($0.room, ShownRoom($0)) }),
            let peeked = byRoom(plan.peeked.map { ($0.room, ShownRoom($0)) }),
            let left = byRoom(plan.left.map { ($0.room, ShownDeparture($0)) }),
            Set(plan.invited).count == plan.invited.count, Set(plan.endedPeeks).count == plan.endedPeeks.count,
            Set(plan.presence + plan.lostPresence).count == plan.presence.count + plan.lostPresence.count,
            Set(plan.changedDeviceLists).count == plan.changedDeviceLists.count,
            Self.isInOneSection(plan),
            Set(plan.leftDeviceLists).count == plan.leftDeviceLists.count
        else { return nil }
        (self.joined, self.peeked, self.left) = (joined, peeked, left)
        (invited, endedPeeks, presence) = (Set(plan.invited), Set(plan.endedPeeks), Set(plan.presence))
        lostPresence = Set(plan.lostPresence)
        hasAccountData = plan.hasAccountData
        guard withDevices else { return }
        (hasToDevice, hasNewKeyCounts) = (plan.hasToDevice, plan.hasNewKeyCounts)
        (changedDeviceLists, leftDeviceLists) = (Set(plan.changedDeviceLists), Set(plan.leftDeviceLists))
    }

    /// Whether no room stands in two sections.
    private static func isInOneSection(_ plan: SyncPlan) -> Bool {
        let rooms = plan.joined.map(\.room) + plan.peeked.map(\.room) + plan.left.map(\.room) + plan.invited + plan.endedPeeks
        return Set(rooms).count == rooms.count
    }

    var description: String {
        var parts: [String] = []
        func list<Value>(_ name: String, _ rooms: [RoomID: Value]) {
            if rooms.isEmpty { return }
            let texts = rooms.map { "\($0.key): \($0.value)" }.sorted()
            parts.append("\(name) \(texts.joined(separator: ", "))")
        }
        list("join", joined)
        list("peek", peeked)
        list("leave", left)
        if !invited.isEmpty { parts.append("invite \(invited.map(\.rawValue).sorted())") }
        if !endedPeeks.isEmpty { parts.append("ended \(endedPeeks.map(\.rawValue).sorted())") }
        if !presence.isEmpty { parts.append("presence \(presence.map(\.rawValue).sorted())") }
        if !lostPresence.isEmpty { parts.append("lost \(lostPresence.map(\.rawValue).sorted())") }
        if hasAccountData { parts.append("account data") }
        if hasToDevice { parts.append("messages to the device") }
        if hasNewKeyCounts { parts.append("key counts") }
        if !changedDeviceLists.isEmpty { parts.append("changed keys \(changedDeviceLists.map(\.rawValue).sorted())") }
        if !leftDeviceLists.isEmpty { parts.append("left keys \(leftDeviceLists.map(\.rawValue).sorted())") }
        return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
    }
}

/// A room of a plan.
struct ShownRoom: Equatable, CustomStringConvertible {
    var content: Content
    var lane: [ShownEvent] = []
    var isLaneNew = false
    var unread = 0
    var hasReceipts = false

    enum Content: Equatable {
        case whole, stored
        case events([ShownEvent])
    }

    init(_ content: Content, lane: [ShownEvent] = [], isLaneNew: Bool = false, unread: Int = 0) {
        (self.content, self.lane, self.isLaneNew, self.unread) = (content, lane, isLaneNew, unread)
    }

    init(_ plan: RoomPlan) {
        switch plan.content {
        case .whole: content = .whole
        case .stored: content = .stored
        case .events(let events): content = .events(events.map(ShownEvent.init))
        }
        lane = plan.lane.map(ShownEvent.init)
        isLaneNew = plan.isLaneNew
        unread = plan.unread.notifications
        hasReceipts = plan.hasReceipts
    }

    static let whole = ShownRoom(.whole)
    static let stored = ShownRoom(.stored)

    /// The events that follow one another from a position on.
    static func events(_ positions: Int64..., unread: Int = 0) -> ShownRoom {
        ShownRoom(.events(positions.map { ShownEvent(position: $0) }), unread: unread)
    }

    static func lane(_ positions: Int64...) -> ShownRoom {
        ShownRoom(.events([]), lane: positions.map { ShownEvent(position: $0) })
    }

    static func whole(lane positions: Int64...) -> ShownRoom {
        ShownRoom(.whole, lane: positions.map { ShownEvent(position: $0) })
    }

    var description: String {
        let events =
            switch content {
            case .whole: "whole"
            case .stored: "stored"
            case .events(let events): "\(events)"
            }
        return events + (lane.isEmpty ? "" : (isLaneNew ? " new" : "") + " lane \(lane)")
            + (unread == 0 ? "" : " unread \(unread)")
    }
}

/// An event of a plan.
struct ShownEvent: Equatable, CustomStringConvertible {
    let position: Int64
    var isEmptied = false

    init(position: Int64, isEmptied: Bool = false) { (self.position, self.isEmptied) = (position, isEmptied) }

    init(_ event: PersistedEvent) { self.init(position: event.position.rawValue, isEmptied: event.content.isEmpty) }

    var description: String { "\(position)" + (isEmptied ? " emptied" : "") }
}

/// A left room of a plan.
struct ShownDeparture: Equatable, CustomStringConvertible {
    var end: Int64

    init(end: Int64) { self.end = end }

    init(_ plan: DeparturePlan) { end = plan.end.rawValue }

    var description: String { "until \(end)" }
}

import HearthStore
import MatrixModel
import RoomRules

/// A room that a test fills event by event, as the writer would: tables, tips and positions follow each event.
struct StoredRoom {
    private(set) var record: RoomRecord
    private(set) var state: [StateKey: SignedEvent]
    private(set) var position: StreamPosition
    private static let version = RoomVersion.v11
    private static let key: SigningKey = {
        do {
            return try SigningKey(server: TestNames.server, version: "1", seed: Array(repeating: 7, count: 32))
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// Makes the room in the store: its create event and its creator's join take the two positions after `position`.
    init(
        _ id: RoomID = TestNames.room, owner: UserID? = nil, after position: StreamPosition = .zero, at time: Int64 = 1000,
        in transaction: StoreTransaction
    ) throws {
        let creator = TestNames.alice
        let create = try DraftEvent(
            roomID: id, type: .create, stateKey: "", sender: creator, content: ["room_version": "11"],
            originServerTS: TestNames.time(time), depth: 1, prevEvents: [], authEvents: []
        ).signed(by: Self.key, version: Self.version).authorized(against: [:])
        record = RoomRecord(
            roomID: id, version: Self.version, profileOwner: owner,
            tips: LaneTips(main: LaneTips.Tip(id: create.event.id, depth: 1)), lastOriginServerTS: TestNames.time(time))
        state = [:]
        self.position = position
        try transaction.rooms.insert(record, at: TestNames.time(time))
        _ = try store(create, isLane: false, in: transaction)
        try send(.member, key: creator.rawValue, ["membership": "join"], at: time + 1, in: transaction)
    }

    /// Stores the next event and returns it as the store does.
    @discardableResult
    mutating func send(
        _ type: EventType, key: String? = nil, _ content: JSONObject, isLane: Bool = false, at time: Int64,
        transaction id: EventTransaction? = nil, in transaction: StoreTransaction
    ) throws -> PersistedEvent {
        let keys = AuthEventSelection.keys(
            forType: type, stateKey: key, sender: TestNames.alice, content: content, version: Self.version)
        let draft = DraftEvent(
            roomID: record.roomID, type: type, stateKey: key, sender: TestNames.alice, content: content,
            originServerTS: TestNames.time(time), depth: isLane ? record.tips.depthForLane() : record.tips.depthForMain(),
            prevEvents: isLane ? record.tips.prevEventsForLane() : record.tips.prevEventsForMain(),
            authEvents: keys.compactMap { state[$0]?.id })
        let authorized = try draft.signed(by: Self.key, version: Self.version).authorized(against: state)
        let before = record
        let tip = LaneTips.Tip(id: authorized.event.id, depth: authorized.event.depth)
        if isLane { record.tips.laneEventAppended(tip) } else { record.tips.mainEventAppended(tip) }
        record.lastOriginServerTS = TestNames.time(time)
        let persisted = try store(authorized, isLane: isLane, transaction: id, in: transaction)
        try transaction.rooms.updateTips(record, since: before)
        return persisted
    }

    private mutating func store(
        _ authorized: AuthorizedEvent, isLane: Bool, transaction id: EventTransaction? = nil, in transaction: StoreTransaction
    ) throws -> PersistedEvent {
        position = position.next
        let persisted = try transaction.events.insert(
            authorized, at: position, isLane: isLane, unsigned: [:], transaction: id)
        if let key = authorized.event.stateIdentity {
            state[key] = authorized.event
            try transaction.state.set(key, in: record.roomID, to: position)
        }
        try transaction.meta.setPosition(position)
        return persisted
    }
}

extension CurrentStateTable {
    /// All lane events that stand, in stream order.
    func laneEvents() throws -> [PersistedEvent] {
        var events: [PersistedEvent] = []
        try eachLaneEvent { events.append($0) }
        return events.sorted { $0.position < $1.position }
    }
}

public import MatrixModel
public import RoomRules

/// All events, in the order of their positions.
public struct EventsTable {
    let db: Database

    /// Stores an authorised event at a position and returns it as what may be told to others once this transaction is committed.
    ///
    /// - Parameter measured: hears how many bytes of JSON are stored.
    public func insert(
        _ authorized: AuthorizedEvent, at position: StreamPosition, isLane: Bool, unsigned: JSONObject,
        transaction: EventTransaction?, measured: (Int) -> Void = { _ in }
    ) throws -> PersistedEvent {
        let event = authorized.event
        let (json, more) = (try StoredJSON.data(event.json), unsigned.isEmpty ? nil : try StoredJSON.data(unsigned))
        try db.checkKey(event.roomID.rawValue, event.type.rawValue, event.stateKey)
        measured(json.count + (more?.count ?? 0))
        try db.run(
            """
            INSERT INTO events (position, event_id, room_id, type, state_key, sender, origin_server_ts, is_lane, json, unsigned,
            device_id, transaction_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                position.rawValue, event.id.rawValue, event.roomID.rawValue, event.type.rawValue, event.stateKey,
                event.sender.rawValue, event.originServerTS.milliseconds, isLane, json, more, transaction?.device.device.rawValue,
                transaction?.id,
            ])
        let persisted = PersistedEvent(
            position: position, roomID: event.roomID, eventID: event.id, type: event.type, stateKey: event.stateKey,
            sender: event.sender, originServerTS: event.originServerTS, isLane: isLane, transaction: transaction,
            content: event.content, redacts: event.redacts, unsigned: unsigned)
        if let relation = persisted.relation {
            try RelationsTable(db: db).insert(relation, of: event.type, in: event.roomID, at: position)
            if relation.key != nil { try AnnotationsTable(db: db).insert(persisted) }
        }
        return persisted
    }

    /// Puts the redacted form in the place of an event, which relates to nothing then.
    public func replace(at position: StreamPosition, by redacted: SignedEvent, unsigned: JSONObject) throws {
        let (json, unsigned) = (try StoredJSON.data(redacted.json), try StoredJSON.data(unsigned))
        try RelationsTable(db: db).delete(at: position)
        try AnnotationsTable(db: db).delete(at: position)
        try db.run("UPDATE events SET json = ?, unsigned = ? WHERE position = ?", [json, unsigned, position.rawValue])
    }

    /// The event at a position in federation form.
    public func signed(at position: StreamPosition) throws -> SignedEvent? {
        try db.row(
            "SELECT events.*, version, main_depth FROM events JOIN rooms USING (room_id) WHERE position = ?", [position.rawValue]
        ).map(signed)
    }

    /// Some events in federation form, as far as they are there.
    public func signed(at positions: [StreamPosition]) throws -> [StreamPosition: SignedEvent] {
        var events: [StreamPosition: SignedEvent] = [:]
        for position in positions {
            events[position] = try db.rows(
                "SELECT events.*, version, main_depth FROM events JOIN rooms USING (room_id) WHERE position = ?",
                [position.rawValue], signed
            ).first
        }
        return events
    }

    /// The current state event of a key in federation form.
    public func signedState(_ key: StateKey, in room: RoomID) throws -> SignedEvent? {
        try db.row(
            "\(Self.signedCurrentState) AND current_state.type = ? AND current_state.state_key = ?",
            [room.rawValue, key.type.rawValue, key.key]
        ).map(signed)
    }

    /// The last event of a profile room's lane in federation form; nil before the first.
    func laneEnd(of room: RoomID) throws -> SignedEvent? {
        try db.row("\(Self.signedCurrentState) AND is_lane = 1 ORDER BY position DESC LIMIT 1", [room.rawValue]).map(signed)
    }

    /// The beginning of a query for events of a room's current state; further conditions follow.
    private static let signedCurrentState = """
        SELECT events.*, version, main_depth FROM current_state JOIN events USING (position) JOIN rooms ON rooms.room_id = events.room_id
        WHERE current_state.room_id = ?
        """

    /// All events of a room in federation form, in stream order. Looks at every room's lane: for tools, not for requests.
    public func signed(in room: RoomID) throws -> [SignedEvent] {
        try db.rows(
            """
            SELECT events.*, version, main_depth FROM events JOIN rooms USING (room_id) WHERE position IN (
                SELECT position FROM events WHERE room_id = ? AND is_lane = 0
                UNION ALL SELECT position FROM events WHERE is_lane = 1 AND room_id = ?)
            ORDER BY position
            """, [room.rawValue, room.rawValue], signed)
    }

    /// An event of a room by its id: one of the main chain, or one that stands in the lane. What a lane has superseded is not found.
    public func event(_ id: EventID, in room: RoomID) throws -> PersistedEvent? {
        try db.readableRow(
            """
            SELECT * FROM events WHERE event_id = ? AND room_id = ? AND is_lane = 0
            UNION ALL SELECT events.* FROM current_state JOIN events USING (position)
            WHERE current_state.room_id = ? AND is_lane = 1 AND event_id = ?
            """, [id.rawValue, room.rawValue, room.rawValue, id.rawValue], persisted)
    }

    public func event(at position: StreamPosition) throws -> PersistedEvent? {
        try db.readableRow("SELECT * FROM events WHERE position = ?", [position.rawValue], persisted)
    }

    /// Up to `limit` main-chain events of a room after one position and not after another, the newest that fit, in stream order.
    public func newest(_ limit: Int, in room: RoomID, after: StreamPosition, upTo: StreamPosition) throws -> [PersistedEvent] {
        try all(
            """
            SELECT * FROM events WHERE room_id = ? AND position > ? AND position <= ? AND is_lane = 0
            ORDER BY position DESC LIMIT ?
            """, [room.rawValue, after.rawValue, upTo.rawValue, limit]
        ).reversed()
    }

    /// Up to `limit` main-chain events of a room after one position and not after another, the oldest first.
    public func oldest(_ limit: Int, in room: RoomID, after: StreamPosition, upTo: StreamPosition) throws -> [PersistedEvent] {
        try all(
            """
            SELECT * FROM events WHERE room_id = ? AND position > ? AND position <= ? AND is_lane = 0
            ORDER BY position LIMIT ?
            """, [room.rawValue, after.rawValue, upTo.rawValue, limit])
    }

    /// State events of a room after one position and not after another, in stream order, the lane's left out.
    public func stateChanges(in room: RoomID, after: StreamPosition, upTo: StreamPosition) throws -> [PersistedEvent] {
        try all(
            """
            SELECT * FROM events WHERE room_id = ? AND position > ? AND position <= ? AND state_key IS NOT NULL AND is_lane = 0
            ORDER BY position
            """, [room.rawValue, after.rawValue, upTo.rawValue])
    }

    /// The state that a room had at a position, in stream order, the lane's left out.
    ///
    /// The present state says which keys there are, and is itself the answer for those that have not changed since; only for the
    /// others the history is asked.
    ///
    /// - Parameter known: events that were read already, in stream order.
    public func state(
        of room: RoomID, at position: StreamPosition, knowing known: [PersistedEvent] = []
    ) throws -> [PersistedEvent] {
        try all(
            "\(Self.stateAtPosition) WHERE c.room_id = ?) AND is_lane = 0 ORDER BY position",
            [position.rawValue, position.rawValue, room.rawValue], knowing: known)
    }

    /// What ``state(of:at:knowing:)`` says without all those members who are not named.
    public func state(
        of room: RoomID, at position: StreamPosition, members: Set<UserID>, knowing known: [PersistedEvent] = []
    ) throws -> [PersistedEvent] {
        var state = try all(
            "\(Self.stateAtPosition) WHERE c.room_id = ? AND c.type <> 'm.room.member') AND is_lane = 0 ORDER BY position",
            [position.rawValue, position.rawValue, room.rawValue], knowing: known)
        state += try self.members(members, of: room, at: position, knowing: known)
        return state.sorted { $0.position < $1.position }
    }

    /// The member events of some users as they stood at a position.
    public func members(
        _ users: Set<UserID>, of room: RoomID, at position: StreamPosition, knowing known: [PersistedEvent] = []
    ) throws -> [PersistedEvent] {
        try users.flatMap { user in
            try all(
                "\(Self.stateAtPosition) WHERE c.room_id = ? AND c.type = 'm.room.member' AND c.state_key = ?)",
                [position.rawValue, position.rawValue, room.rawValue, user.rawValue], knowing: known)
        }
    }

    /// The beginning of a query for the state at a position, named twice; the conditions for `current_state c` follow.
    private static let stateAtPosition = """
        SELECT * FROM events WHERE position IN (
            SELECT CASE WHEN c.position <= ? THEN c.position ELSE (
                SELECT MAX(e.position) FROM events e WHERE e.room_id = c.room_id AND e.type = c.type
                AND e.state_key = c.state_key AND e.state_key IS NOT NULL AND e.position <= ? AND e.is_lane = 0) END
            FROM current_state c
        """

    /// Every event of one state key in a room's main chain, in stream order: how that piece of state changed. A lane has no history.
    ///
    /// These decide who may see what: where one of them cannot be read at all, that is an error, and not a history with a gap.
    public func history(of key: StateKey, in room: RoomID) throws -> [PersistedEvent] {
        try all(
            """
            SELECT * FROM events WHERE room_id = ? AND type = ? AND state_key = ? AND is_lane = 0 ORDER BY position
            """, [room.rawValue, key.type.rawValue, key.key], mayPassOver: false)
    }

    /// One piece of state of a room's main chain as it stood at a position.
    public func state(_ key: StateKey, of room: RoomID, at position: StreamPosition) throws -> PersistedEvent? {
        try db.readableRow(
            """
            SELECT * FROM events WHERE room_id = ? AND type = ? AND state_key = ? AND state_key IS NOT NULL AND position <= ?
            AND is_lane = 0 ORDER BY position DESC LIMIT 1
            """, [room.rawValue, key.type.rawValue, key.key, position.rawValue], persisted)
    }

    /// Looks at the oldest lane events after one position and not after another, and deletes those that a newer one has superseded. The lane's
    /// end is never one of them.
    ///
    /// - Returns: the position of the last one it looked at when there were `limit` of them: there may be more behind it.
    public func purgeSupersededLane(
        after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> StreamPosition? {
        let window = try db.rows(
            """
            SELECT e.position, CASE WHEN EXISTS (SELECT 1 FROM current_state c WHERE c.room_id = e.room_id AND c.type = e.type
                AND c.state_key = e.state_key AND c.position = e.position) THEN 0 ELSE 1 END AS is_superseded
            FROM events e \(IndexHint.eventsOfLanes.rawValue)
            WHERE e.is_lane = 1 AND e.position > ? AND e.position <= ?
            ORDER BY e.position LIMIT ?
            """, [after.rawValue, upTo.rawValue, limit]
        ) { try (position: $0["position"] as Int64, isSuperseded: $0["is_superseded"] as Bool) }
        for event in window where event.isSuperseded { try db.run("DELETE FROM events WHERE position = ?", [event.position]) }
        return window.count == limit ? window.last.map { StreamPosition($0.position) } : nil
    }

    private func signed(_ row: Row) throws -> SignedEvent {
        let version: RoomVersion = try row["version"]
        let id: EventID = try row["event_id"]
        return try Self.readable(row, id: id, version: version) ?? standIn(for: row, id: id, version: version)
    }

    /// The event that a row holds; nil where its JSON is none.
    static func readable(_ row: Row, id: EventID, version: RoomVersion) throws -> SignedEvent? {
        do {
            return try SignedEvent(stored: StoredJSON.object(row, "json", of: "events"), id: id, version: version)
        } catch StoreError.corrupt {
            return nil
        } catch is EventFormatError {
            return nil
        }
    }
}

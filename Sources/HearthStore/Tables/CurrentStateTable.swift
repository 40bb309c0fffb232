public import MatrixModel

/// The present state of every room, as positions into the events.
public struct CurrentStateTable {
    let db: Database

    public func set(_ key: StateKey, in room: RoomID, to position: StreamPosition) throws {
        try db.run(
            """
            INSERT INTO current_state (room_id, type, state_key, position) VALUES (?, ?, ?, ?)
            ON CONFLICT (room_id, type, state_key) DO UPDATE SET position = excluded.position
            """, [room.rawValue, key.type.rawValue, key.key, position.rawValue])
    }

    /// What decides who may see and do what.
    private static let deciding: Set<EventType> = [
        .create, .member, .powerLevels, .joinRules, .historyVisibility, .guestAccess,
    ]

    /// One piece of state. Where nothing at all can be made of its row there is none, unless it decides about access: that is an error.
    public func event(_ key: StateKey, in room: RoomID) throws -> PersistedEvent? {
        let row = try db.row(
            """
            SELECT events.* FROM current_state JOIN events USING (position)
            WHERE current_state.room_id = ? AND current_state.type = ? AND current_state.state_key = ?
            """, [room.rawValue, key.type.rawValue, key.key])
        guard let row else { return nil }
        let events = EventsTable(db: db)
        return Self.deciding.contains(key.type) ? try events.persisted(row) : try db.readable(row, events.persisted)
    }

    /// One piece of state, unless it is larger than so many bytes: that is not read.
    public func event(_ key: StateKey, in room: RoomID, upTo size: Int) throws -> PersistedEvent? {
        try db.row(
            """
            SELECT events.* FROM current_state JOIN events USING (position)
            WHERE current_state.room_id = ? AND current_state.type = ? AND current_state.state_key = ? AND LENGTH(json) <= ?
            """, [room.rawValue, key.type.rawValue, key.key, size]
        ).map(EventsTable(db: db).persisted)
    }

    /// Who sent a piece of state.
    public func sender(of key: StateKey, in room: RoomID) throws -> UserID? {
        try db.readableRow(
            """
            SELECT sender FROM current_state JOIN events USING (position)
            WHERE current_state.room_id = ? AND current_state.type = ? AND current_state.state_key = ?
            """, [room.rawValue, key.type.rawValue, key.key]
        ) { try $0["sender"] }
    }

    /// The whole state in stream order (the create event first).
    public func events(in room: RoomID) throws -> [PersistedEvent] {
        try EventsTable(db: db).all(
            """
            SELECT events.* FROM current_state JOIN events USING (position) WHERE current_state.room_id = ?
            ORDER BY events.position
            """, [room.rawValue])
    }

    /// All state events of one type.
    public func events(ofType type: EventType, in room: RoomID) throws -> [PersistedEvent] {
        try EventsTable(db: db).all(
            """
            SELECT events.* FROM current_state JOIN events USING (position)
            WHERE current_state.room_id = ? AND current_state.type = ? ORDER BY events.position
            """, [room.rawValue, type.rawValue])
    }

    /// Hands on the current event of a type in each ordinary room that has one.
    public func each(_ type: EventType, _ body: (PersistedEvent) throws -> Void) throws {
        try db.eachRow(
            """
            SELECT events.* FROM rooms JOIN current_state ON current_state.room_id = rooms.room_id
            AND current_state.type = ? AND current_state.state_key = ''
            JOIN events ON events.position = current_state.position
            WHERE rooms.profile_owner IS NULL
            """, [type.rawValue]
        ) { try body(EventsTable(db: db).persisted($0)) }
    }

    /// Hands on where each user's `m.profile` last changed.
    public func eachProfile(_ body: (UserID, StreamPosition) throws -> Void) throws {
        try db.eachRow(
            """
            SELECT profile_owner, position FROM rooms JOIN current_state ON current_state.room_id = rooms.room_id
            AND current_state.type = 'm.profile' AND current_state.state_key = '' WHERE profile_owner IS NOT NULL
            """
        ) { row in
            let owner: UserID = try row["profile_owner"]
            try body(owner, row["position"])
        }
    }

    /// Hands on the current lane events (presence and status) of all profile rooms, in no certain order; found by an index of
    /// their own: most users may never have said anything, and others very much that is superseded.
    public func eachLaneEvent(_ body: (PersistedEvent) throws -> Void) throws {
        try db.eachRow(
            """
            SELECT events.* FROM current_state \(IndexHint.lanes.rawValue) JOIN events USING (position)
            WHERE current_state.type IN ('m.presence', 'm.status') AND is_lane = 1
            """
        ) { try body(EventsTable(db: db).persisted($0)) }
    }
}

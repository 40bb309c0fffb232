import GRDB
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

    /// One piece of state.
    public func event(_ key: StateKey, in room: RoomID) throws -> PersistedEvent? {
        try db.row(
            """
            SELECT events.* FROM current_state JOIN events USING (position)
            WHERE current_state.room_id = ? AND current_state.type = ? AND current_state.state_key = ?
            """, [room.rawValue, key.type.rawValue, key.key]
        ).map(EventsTable.persisted)
    }

    /// The whole state in stream order (the create event first).
    public func events(in room: RoomID) throws -> [PersistedEvent] {
        try db.rows(
            """
            SELECT events.* FROM current_state JOIN events USING (position) WHERE current_state.room_id = ?
            ORDER BY events.position
            """, [room.rawValue], EventsTable.persisted)
    }

    /// All state events of one type.
    public func events(ofType type: EventType, in room: RoomID) throws -> [PersistedEvent] {
        try db.rows(
            """
            SELECT events.* FROM current_state JOIN events USING (position)
            WHERE current_state.room_id = ? AND current_state.type = ? ORDER BY events.position
            """, [room.rawValue, type.rawValue], EventsTable.persisted)
    }

    /// The present state events of one type, with an empty key, of all rooms.
    public func all(_ type: EventType) throws -> [PersistedEvent] {
        try db.rows(
            """
            SELECT events.* FROM current_state JOIN events USING (position)
            WHERE current_state.type = ? AND current_state.state_key = ''
            """, [type.rawValue], EventsTable.persisted)
    }

    /// The current lane events (presence and status) of all profile rooms.
    public func laneEvents() throws -> [PersistedEvent] {
        try db.rows(
            """
            SELECT events.* FROM rooms JOIN current_state ON current_state.room_id = rooms.room_id
            AND current_state.type IN ('m.presence', 'm.status') AND current_state.state_key = ''
            JOIN events ON events.position = current_state.position
            WHERE rooms.profile_owner IS NOT NULL AND events.is_lane = 1
            """, StatementArguments(), EventsTable.persisted)
    }
}

public import MatrixModel

/// Which events relate to which, as their contents say. Redacted events relate to nothing.
public struct RelationsTable {
    let db: Database

    /// Notes a relation to an event of the same room; what names another room's event relates to nothing.
    func insert(_ relation: EventRelation, of type: EventType, in room: RoomID, at position: StreamPosition) throws {
        try db.run(
            """
            INSERT INTO relations (position, target, relation, type) SELECT ?, ?, ?, ?
            WHERE EXISTS (SELECT 1 FROM events WHERE event_id = ? AND is_lane = 0 AND room_id = ?)
            """,
            [
                position.rawValue, relation.target.rawValue, relation.type.rawValue, type.rawValue, relation.target.rawValue,
                room.rawValue,
            ])
    }

    func delete(at position: StreamPosition) throws {
        try db.run("DELETE FROM relations WHERE position = ?", [position.rawValue])
    }

    /// A page of the events that relate to another one directly: those after one position and not after another, from the newest or
    /// from the oldest on.
    ///
    /// - Parameters:
    ///   - type: the kind of relation; nil for every one.
    ///   - eventType: the type of the relating events; nil for every one.
    public func page(
        relatedTo target: EventID, by type: RelationType?, ofType eventType: EventType?, after: StreamPosition,
        upTo: StreamPosition, newestFirst: Bool, limit: Int
    ) throws -> [PersistedEvent] {
        try EventsTable(db: db).all(
            """
            SELECT events.* FROM relations JOIN events ON events.position = relations.position
            WHERE relations.target = ? AND (CAST(? AS TEXT) IS NULL OR relations.relation = ?)
            AND (CAST(? AS TEXT) IS NULL OR relations.type = ?)
            AND relations.position > ? AND relations.position <= ?
            ORDER BY relations.position \(newestFirst ? "DESC" : "ASC") LIMIT ?
            """,
            [
                target.rawValue, type?.rawValue, type?.rawValue, eventType?.rawValue, eventType?.rawValue, after.rawValue,
                upTo.rawValue, limit,
            ])
    }

    /// The newest edits of some events, up to a position.
    public func edits(of events: [PersistedEvent], upTo position: StreamPosition) throws -> Edits {
        var edits: Edits = [:]
        for event in events { edits[event.eventID] = try newestEdit(of: event, upTo: position) }
        return edits
    }

    /// How many of an event's newest edits are looked at for one that may stand for it.
    private static let mostEdits = 20

    /// The newest edit of an event that may stand for it, up to a position. Edits that hold nothing new stand for nothing; behind
    /// ``mostEdits`` of them nobody looks.
    public func newestEdit(of original: PersistedEvent, upTo position: StreamPosition) throws -> PersistedEvent? {
        guard original.stateKey == nil else { return nil }
        let newest = try EventsTable(db: db).all(
            """
            SELECT events.* FROM relations JOIN events ON events.position = relations.position
            WHERE relations.target = ? AND relations.relation = ? AND relations.position <= ? AND events.sender = ?
            ORDER BY relations.position DESC LIMIT ?
            """,
            [
                original.eventID.rawValue, RelationType.replace.rawValue, position.rawValue, original.sender.rawValue,
                Self.mostEdits,
            ])
        return newest.first { $0.edits(original) }
    }
}

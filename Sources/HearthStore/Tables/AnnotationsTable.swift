public import MatrixModel

/// Who annotated which event with what. Redacted annotations are none.
public struct AnnotationsTable {
    let db: Database

    /// Notes an annotation of an event of the same room; what names another room's event annotates nothing.
    func insert(_ event: PersistedEvent) throws {
        guard let relation = event.relation, let key = relation.key else { return }
        try db.checkKey(relation.target.rawValue, event.sender.rawValue, event.type.rawValue, key)
        try db.run(
            """
            INSERT INTO annotations (position, target, sender, type, annotation_key) SELECT ?, ?, ?, ?, ?
            WHERE EXISTS (SELECT 1 FROM events WHERE event_id = ? AND is_lane = 0 AND room_id = ?)
            """,
            [
                event.position.rawValue, relation.target.rawValue, event.sender.rawValue, event.type.rawValue, key,
                relation.target.rawValue, event.roomID.rawValue,
            ])
    }

    func delete(at position: StreamPosition) throws {
        try db.run("DELETE FROM annotations WHERE position = ?", [position.rawValue])
    }

    /// Whether a user has annotated an event with this already, by an event of this type.
    public func exists(_ key: String, on target: EventID, of type: EventType, by sender: UserID) throws -> Bool {
        try db.row(
            "SELECT 1 FROM annotations WHERE target = ? AND sender = ? AND type = ? AND annotation_key = ? LIMIT 1",
            [target.rawValue, sender.rawValue, type.rawValue, key]) != nil
    }
}

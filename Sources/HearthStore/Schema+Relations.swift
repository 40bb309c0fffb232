import MatrixModel

extension Schema {
    /// Which event relates to which: a row for each event that does, at the event's own position.
    static func makeRelations(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE relations (
                    position INTEGER PRIMARY KEY, target TEXT NOT NULL, relation TEXT NOT NULL, type TEXT NOT NULL)
                """)
        try db.execute(sql: "CREATE INDEX relations_by_target ON relations (target, position)")
        try db.eachRow("SELECT * FROM events WHERE state_key IS NULL AND is_lane = 0") { row in
            let event = try EventsTable(db: db).persisted(row)
            if let relation = event.relation {
                try RelationsTable(db: db).insert(relation, of: event.type, in: event.roomID, at: event.position)
            }
        }
    }
}

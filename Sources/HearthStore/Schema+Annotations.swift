import MatrixModel

extension Schema {
    /// Who annotated which event with what: a row for each annotation, at the event's own position.
    static func makeAnnotations(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE annotations (
                    position INTEGER PRIMARY KEY, target TEXT NOT NULL, sender TEXT NOT NULL, type TEXT NOT NULL,
                    annotation_key TEXT NOT NULL)
                """)
        try db.execute(sql: "CREATE INDEX annotations_by_target ON annotations (target, sender, type, annotation_key)")
        try db.eachRow(
            "SELECT events.* FROM relations JOIN events USING (position) WHERE relation = ?", [RelationType.annotation.rawValue]
        ) { row in
            do {
                try AnnotationsTable(db: db).insert(EventsTable(db: db).persisted(row))
            } catch StoreError.unstorable {
                // One from before keys had a bound is not kept from coming twice.
            }
        }
    }
}

extension Schema {
    /// Where users ceased to ignore others. Whom they ignore stands in their account data; until here, nothing followed from it.
    static func keepEndsOfIgnoring(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE ends_of_ignoring (
                    user_id TEXT NOT NULL, ignored TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (user_id, ignored))
                    WITHOUT ROWID
                """)
    }
}

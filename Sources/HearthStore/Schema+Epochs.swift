extension Schema {
    /// The epochs of the stream. What was before the first one needs no row: it ends where that begins.
    static func makeEpochs(_ db: Database) throws {
        try db.execute(
            sql: "CREATE TABLE epochs (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, begins_after INTEGER NOT NULL)")
    }
}

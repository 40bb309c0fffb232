extension Schema {
    /// Who asked to be erased, from now on: of accounts that ended before it is not known.
    static func makeErasures(_ db: Database) throws {
        try db.execute(sql: "CREATE TABLE erasures (user_id TEXT PRIMARY KEY, position INTEGER NOT NULL)")
    }
}

extension Schema {
    /// Takes the lanes' events out of the indexes by room: nobody looks for them there, and presence writes more of them than of all
    /// other events together, each into another place of both indexes. A query for a room's events therefore says `is_lane = 0`: without
    /// it SQLite reads the whole table.
    static func indexMainChains(_ db: Database) throws {
        try db.execute(sql: "DROP INDEX events_by_room")
        try db.execute(sql: "DROP INDEX events_by_state")
        try createMainChainIndexes(db)
    }

    /// What finds the events of a room's main chain.
    static func createMainChainIndexes(_ db: Database) throws {
        try db.execute(sql: "CREATE INDEX events_by_room ON events (room_id, position) WHERE is_lane = 0")
        try db.execute(
            sql: """
                CREATE INDEX events_by_state ON events (room_id, type, state_key, position)
                WHERE state_key IS NOT NULL AND is_lane = 0
                """)
    }

    /// Lets a room's members be counted, and its first ones be found, in the index alone.
    static func indexMembers(_ db: Database) throws {
        try db.execute(sql: "DROP INDEX memberships_by_room")
        try db.execute(sql: "CREATE INDEX memberships_by_room ON memberships (room_id, membership, position, user_id)")
    }
}

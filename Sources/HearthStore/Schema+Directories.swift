import MatrixModel

extension Schema {
    /// What rooms and users are found by: the columns say what state says, for reading without the events.
    static func makeDirectories(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE room_directory (
                    room_id TEXT PRIMARY KEY, is_published INTEGER NOT NULL, room_type TEXT, name TEXT, topic TEXT,
                    canonical_alias TEXT, avatar_url TEXT, join_rule TEXT, history_visibility TEXT, guest_access TEXT)
                """)
        try db.execute(sql: "CREATE INDEX room_directory_published ON room_directory (room_id) WHERE is_published = 1")
        try db.execute(
            sql: """
                CREATE TABLE user_directory (
                    user_id TEXT PRIMARY KEY, search_text TEXT NOT NULL, display_name TEXT, avatar_url TEXT)
                """)
        let rooms = RoomDirectoryTable(db: db)
        for room in try db.rows("SELECT room_id FROM rooms WHERE profile_owner IS NULL", StatementArguments(), roomID) {
            try rooms.insert(room, isPublished: false)
            for event in try CurrentStateTable(db: db).events(in: room) {
                if let key = event.stateIdentity { _ = try rooms.set(key, content: event.content, in: room) }
            }
        }
        let users = UserDirectoryTable(db: db)
        for (owner, room) in try RoomsTable(db: db).profileRooms() {
            try users.set(owner, profile: try CurrentStateTable(db: db).event(.profile, in: room)?.content ?? [:])
        }
    }

    private static func roomID(_ row: Row) throws -> RoomID {
        let room: RoomID = try row["room_id"]
        return room
    }
}

import MatrixModel

extension Schema {
    /// Keeps what rooms and users are searched by apart from what they are called, and bounded (``SearchableText``): for rooms in a table of
    /// its own, since a row with a long name or topic is read over many pages.
    static func boundSearchTexts(_ db: Database) throws {
        try db.execute(sql: "CREATE TABLE room_search (room_id TEXT PRIMARY KEY, search_text TEXT NOT NULL)")
        try foldSearchTexts(db)
    }

    /// Makes what rooms and users are searched by anew, after ``CaseFolding`` came to fold more than case.
    static func foldSearchTexts(_ db: Database) throws {
        let rooms = RoomDirectoryTable(db: db)
        for id in try db.rows("SELECT room_id FROM room_directory", StatementArguments(), { try $0["room_id"] as String }) {
            guard let room = RoomID(id) else { throw StoreError.corrupt("a room id") }
            try rooms.refreshSearchText(of: room)
        }
        // One name at a time: all of them together may be long.
        for id in try db.rows("SELECT user_id FROM user_directory", StatementArguments(), { try $0["user_id"] as String }) {
            let name: String? = try db.row("SELECT display_name FROM user_directory WHERE user_id = ?", [id])?["display_name"]
            try db.run(
                "UPDATE user_directory SET search_text = ? WHERE user_id = ?",
                [UserDirectoryTable.searchText(id, name: name), id])
        }
    }
}

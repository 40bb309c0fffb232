public import MatrixModel

/// Room aliases of this server.
public struct AliasesTable {
    let db: Database

    public func room(_ alias: RoomAlias) throws -> (roomID: RoomID, creator: UserID)? {
        try db.readableRow("SELECT room_id, creator FROM aliases WHERE alias = ?", [alias.rawValue]) { row in
            let room: RoomID = try row["room_id"]
            let creator: UserID = try row["creator"]
            return (roomID: room, creator: creator)
        }
    }

    public func aliases(of room: RoomID) throws -> [RoomAlias] {
        try db.rows("SELECT alias FROM aliases WHERE room_id = ? ORDER BY alias", [room.rawValue]) { row in
            try row["alias"]
        }
    }

    /// How many aliases somebody made; looks at no more than `most`.
    public func count(by creator: UserID, atMost most: Int) throws -> Int {
        try db.row(
            "SELECT COUNT(*) AS count FROM (SELECT 1 FROM aliases WHERE creator = ? LIMIT ?) AS found", [creator.rawValue, most])?[
                "count"]
            ?? 0
    }

    /// Stores it. What stands there already could not be read, or the alias would not be free.
    public func insert(_ alias: RoomAlias, for room: RoomID, creator: UserID) throws {
        try db.run(
            """
            INSERT INTO aliases (alias, room_id, creator) VALUES (?, ?, ?)
            ON CONFLICT (alias) DO UPDATE SET room_id = excluded.room_id, creator = excluded.creator
            """, [alias.rawValue, room.rawValue, creator.rawValue])
    }

    public func delete(_ alias: RoomAlias) throws {
        try db.run("DELETE FROM aliases WHERE alias = ?", [alias.rawValue])
    }
}

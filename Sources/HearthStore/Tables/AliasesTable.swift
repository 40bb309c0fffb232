import GRDB
public import MatrixModel

/// Room aliases of this server.
public struct AliasesTable {
    let db: Database

    public func room(_ alias: RoomAlias) throws -> (roomID: RoomID, creator: UserID)? {
        try db.row("SELECT room_id, creator FROM aliases WHERE alias = ?", [alias.rawValue]).map { row in
            guard let room = RoomID(row["room_id"] as String), let creator = UserID(row["creator"] as String) else {
                throw StoreError.corrupt("an alias")
            }
            return (roomID: room, creator: creator)
        }
    }

    public func aliases(of room: RoomID) throws -> [RoomAlias] {
        try db.rows("SELECT alias FROM aliases WHERE room_id = ? ORDER BY alias", [room.rawValue]) { row in
            guard let alias = RoomAlias(row["alias"] as String) else { throw StoreError.corrupt("an alias") }
            return alias
        }
    }

    /// How many aliases somebody made; looks at no more than `most`.
    public func count(by creator: UserID, atMost most: Int) throws -> Int {
        try db.row(
            "SELECT COUNT(*) AS count FROM (SELECT 1 FROM aliases WHERE creator = ? LIMIT ?)", [creator.rawValue, most])?["count"]
            ?? 0
    }

    public func insert(_ alias: RoomAlias, for room: RoomID, creator: UserID) throws {
        try db.run(
            "INSERT INTO aliases (alias, room_id, creator) VALUES (?, ?, ?)", [alias.rawValue, room.rawValue, creator.rawValue])
    }

    public func delete(_ alias: RoomAlias) throws {
        try db.run("DELETE FROM aliases WHERE alias = ?", [alias.rawValue])
    }
}

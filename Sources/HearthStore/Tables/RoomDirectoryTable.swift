import GRDB
public import MatrixModel

/// A room as it is found and chosen from outside, as far as its state says.
public struct RoomDirectoryEntry: Sendable {
    public let room: RoomID
    public let isPublished: Bool
    public let type: String?
    public let name: String?
    public let topic: String?
    public let canonicalAlias: String?
    public let avatarURL: String?
    /// `invite` where the state says nothing.
    public let joinRule: String
    public let isWorldReadable: Bool
    public let guestsCanJoin: Bool
}

/// All ordinary rooms by what they are found by, published in the directory or not. Profile rooms are none of them.
public struct RoomDirectoryTable {
    let db: Database

    public func insert(_ room: RoomID, isPublished: Bool) throws {
        try db.run("INSERT INTO room_directory (room_id, is_published) VALUES (?, ?)", [room.rawValue, isPublished])
    }

    public func setPublished(_ isPublished: Bool, _ room: RoomID) throws {
        try db.run("UPDATE room_directory SET is_published = ? WHERE room_id = ?", [isPublished, room.rawValue])
    }

    /// Whether the room is in the directory; nil where there is no such room.
    public func isPublished(_ room: RoomID) throws -> Bool? {
        try db.row("SELECT is_published FROM room_directory WHERE room_id = ?", [room.rawValue])?["is_published"]
    }

    /// Everything that is published.
    public func published() throws -> [RoomDirectoryEntry] {
        try db.rows("SELECT * FROM room_directory WHERE is_published = 1", StatementArguments(), Self.entry)
    }

    /// Follows one piece of state; a room that is none of these is left alone.
    public func follow(_ key: StateKey, content: JSONObject, in room: RoomID) throws {
        guard let (column, member) = Self.columns[key] else { return }
        try db.run(
            "UPDATE room_directory SET \(column) = ? WHERE room_id = ?", [content[member]?.stringValue, room.rawValue])
    }

    private static let columns: [StateKey: (column: String, member: String)] = [
        .create: ("room_type", "type"), StateKey(.name): ("name", "name"), StateKey(.topic): ("topic", "topic"),
        StateKey(.canonicalAlias): ("canonical_alias", "alias"), StateKey(.avatar): ("avatar_url", "url"),
        .joinRules: ("join_rule", "join_rule"), .historyVisibility: ("history_visibility", "history_visibility"),
        StateKey(.guestAccess): ("guest_access", "guest_access"),
    ]

    private static func entry(_ row: Row) throws -> RoomDirectoryEntry {
        guard let room = RoomID(row["room_id"] as String) else { throw StoreError.corrupt("a room id") }
        return RoomDirectoryEntry(
            room: room, isPublished: row["is_published"], type: row["room_type"], name: row["name"], topic: row["topic"],
            canonicalAlias: row["canonical_alias"], avatarURL: row["avatar_url"], joinRule: row["join_rule"] ?? "invite",
            isWorldReadable: (row["history_visibility"] as String?) == "world_readable",
            guestsCanJoin: (row["guest_access"] as String?) == "can_join")
    }
}

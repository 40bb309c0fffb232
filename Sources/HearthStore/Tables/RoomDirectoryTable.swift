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

    /// The published rooms of the wanted types.
    ///
    /// - Parameter term: what the beginning of their name, topic or canonical alias holds, folded (``SearchableText``); nil for all.
    public func published(holding term: String?, where isWanted: (_ type: String?) -> Bool) throws -> [RoomID] {
        var rooms: [RoomID] = []
        func take(_ row: Row) throws {
            guard isWanted(try row["room_type"]) else { return }
            let room: RoomID = try row["room_id"]
            rooms.append(room)
        }
        if let term, !term.isEmpty {
            try db.eachRow(
                """
                SELECT room_id, room_type FROM room_directory JOIN room_search USING (room_id)
                WHERE is_published = 1 AND instr(search_text, ?) > 0
                """, [CaseFolding.fold(term)], take)
        } else {
            try db.eachRow("SELECT room_id, room_type FROM room_directory WHERE is_published = 1", StatementArguments(), take)
        }
        return rooms
    }

    /// What is known of a room; nil where there is no such room.
    public func entry(of room: RoomID) throws -> RoomDirectoryEntry? {
        try db.readableRow("SELECT * FROM room_directory WHERE room_id = ?", [room.rawValue], Self.entry)
    }

    /// Follows one piece of state; a room that is none of these is left alone.
    public func follow(_ key: StateKey, content: JSONObject, in room: RoomID) throws {
        guard try set(key, content: content, in: room), Self.searched.contains(key) else { return }
        try refreshSearchText(of: room)
    }

    /// Takes over one piece of state, but for the search; false for one that no column holds.
    func set(_ key: StateKey, content: JSONObject, in room: RoomID) throws -> Bool {
        guard let (column, member) = Self.columns[key] else { return false }
        try db.run(
            "UPDATE room_directory SET \(column) = ? WHERE room_id = ?", [content[member]?.stringValue, room.rawValue])
        return true
    }

    /// Brings what the room is searched by up to its name, topic and alias.
    func refreshSearchText(of room: RoomID) throws {
        guard let entry = try entry(of: room) else { return }
        let texts = [entry.name, entry.topic, entry.canonicalAlias].compactMap { $0 }
        try db.run(
            """
            INSERT INTO room_search (room_id, search_text) VALUES (?, ?)
            ON CONFLICT (room_id) DO UPDATE SET search_text = excluded.search_text
            """, [room.rawValue, texts.map(SearchableText.folded).joined(separator: "\n")])
    }

    private static let searched: Set<StateKey> = [StateKey(.name), StateKey(.topic), StateKey(.canonicalAlias)]

    private static let columns: [StateKey: (column: String, member: String)] = [
        .create: ("room_type", "type"), StateKey(.name): ("name", "name"), StateKey(.topic): ("topic", "topic"),
        StateKey(.canonicalAlias): ("canonical_alias", "alias"), StateKey(.avatar): ("avatar_url", "url"),
        .joinRules: ("join_rule", "join_rule"), .historyVisibility: ("history_visibility", "history_visibility"),
        StateKey(.guestAccess): ("guest_access", "guest_access"),
    ]

    private static func entry(_ row: Row) throws -> RoomDirectoryEntry {
        let room: RoomID = try row["room_id"]
        return try RoomDirectoryEntry(
            room: room, isPublished: row["is_published"], type: row["room_type"], name: row["name"], topic: row["topic"],
            canonicalAlias: row["canonical_alias"], avatarURL: row["avatar_url"], joinRule: row["join_rule"] ?? "invite",
            isWorldReadable: try (row["history_visibility"] as String?) == "world_readable",
            guestsCanJoin: try (row["guest_access"] as String?) == "can_join")
    }
}

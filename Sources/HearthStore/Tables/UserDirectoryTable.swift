public import MatrixModel

/// A user as the directory shows it.
public struct UserDirectoryEntry: Sendable {
    public let user: UserID
    public let displayName: String?
    public let avatarURL: String?
}

/// Local users by id and name. The server's own user is none of them.
public struct UserDirectoryTable {
    let db: Database

    /// Takes over what a user's profile says.
    public func set(_ user: UserID, profile: JSONObject) throws {
        func text(_ key: String) -> String? { profile[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
        let (name, avatar) = (text("displayname"), text("avatar_url"))
        try db.run(
            """
            INSERT INTO user_directory (user_id, search_text, display_name, avatar_url) VALUES (?, ?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE SET search_text = excluded.search_text, display_name = excluded.display_name,
                avatar_url = excluded.avatar_url
            """, [user.rawValue, Self.searchText(user.rawValue, name: name), name, avatar])
    }

    /// Up to `limit` users, by id, in whose id or beginning of the name (``SearchableText``) every word occurs, folded, and whom the
    /// searcher may find: who shares a room with the searcher, or is in a room that everybody can join or read. Neither the searcher nor ended
    /// accounts.
    ///
    /// - Returns: the users, and whether the id or the name begins with the first word.
    public func search(
        _ words: [String], by searcher: UserID, limit: Int
    ) throws -> [(user: UserID, beginsWithFirstWord: Bool)] {
        let words = words.map(CaseFolding.fold)
        let first = words.first ?? ""
        let conditions = words.map { _ in "instr(found.search_text, ?) > 0 AND" }.joined(separator: " ")
        let arguments =
            StatementArguments([first, "\n" + first] + words) + [searcher.rawValue, searcher.rawValue, limit]
        return try db.rows(
            """
            SELECT found.user_id,
                CASE WHEN instr(found.search_text, ?) IN (1, 2) OR instr(found.search_text, ?) > 0 THEN 1 ELSE 0 END AS begins
            FROM user_directory found JOIN users USING (user_id)
            WHERE \(conditions) found.user_id <> ? AND users.is_deactivated = 0
            AND EXISTS (
                SELECT 1 FROM memberships theirs JOIN room_directory room ON room.room_id = theirs.room_id
                WHERE theirs.user_id = found.user_id AND theirs.membership = 'join'
                AND (room.join_rule = 'public' OR room.history_visibility = 'world_readable' OR EXISTS (
                    SELECT 1 FROM memberships mine
                    WHERE mine.user_id = ? AND mine.room_id = theirs.room_id AND mine.membership = 'join')))
            ORDER BY found.user_id LIMIT ?
            """, arguments
        ) { row in
            let user: UserID = try row["user_id"]
            return try (user: user, beginsWithFirstWord: row["begins"])
        }
    }

    /// How the directory shows a user; nil for one whom it does not have.
    public func entry(of user: UserID) throws -> UserDirectoryEntry? {
        try db.readableRow("SELECT display_name, avatar_url FROM user_directory WHERE user_id = ?", [user.rawValue]) { row in
            try UserDirectoryEntry(user: user, displayName: row["display_name"], avatarURL: row["avatar_url"])
        }
    }

    /// What a user is found by: the id, and in a line of its own the beginning of the name.
    static func searchText(_ id: String, name: String?) -> String {
        "\(id.lowercased())\n\(SearchableText.folded(name ?? ""))"
    }
}

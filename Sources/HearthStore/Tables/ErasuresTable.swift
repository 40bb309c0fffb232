public import MatrixModel

/// Who asked to be erased when the account ended, and from which position on what they sent is redacted for newcomers.
public struct ErasuresTable {
    let db: Database

    public func insert(_ user: UserID, at position: StreamPosition) throws {
        try db.run(
            "INSERT INTO erasures (user_id, position) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING",
            [user.rawValue, position.rawValue])
    }

    /// Those of some users who are erased.
    public func erasures(of users: Set<UserID>) throws -> [UserID: StreamPosition] {
        var erasures: [UserID: StreamPosition] = [:]
        // Mostly there are none at all.
        guard try db.hasRow("SELECT 1 FROM erasures LIMIT 1") else { return erasures }
        for user in users {
            erasures[user] = try db.readableRow("SELECT position FROM erasures WHERE user_id = ?", [user.rawValue]) { row in
                try row["position"]
            }
        }
        return erasures
    }
}

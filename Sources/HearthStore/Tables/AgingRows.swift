/// The rows of a table that go when the server has become so much older since they were made or used. A few go at a time, found by an index
/// of their ages: other writes get their turn in between.
struct AgingRows {
    let db: Database
    let table: String
    /// The columns of the primary key, `user_id` among them.
    let key: String
    /// The column of the age.
    let age: String

    /// Deletes the oldest that are of before an age.
    ///
    /// - Returns: whose each of them was.
    func delete(before bound: ServerAge, limit: Int) throws -> [String] {
        try db.rows(
            """
            DELETE FROM \(table) WHERE (\(key)) IN (
                SELECT \(key) FROM \(table) WHERE \(age) < ? ORDER BY \(age) LIMIT ?) RETURNING user_id
            """, [bound.milliseconds, limit]
        ) { try $0["user_id"] }
    }

    /// Lets rows count as of now that a wrong clock had dated ahead, before the server had a time of its own: else they would never go.
    ///
    /// - Returns: how many there were.
    func bringBack(to now: ServerAge, limit: Int) throws -> Int {
        try db.run(
            """
            UPDATE \(table) SET \(age) = ?1 WHERE (\(key)) IN (
                SELECT \(key) FROM \(table) WHERE \(age) > ?1 ORDER BY \(age) LIMIT ?2)
            """, [now.milliseconds, limit])
        return db.changesCount
    }
}

extension Schema {
    /// Content that users uploaded, and ids that wait for theirs. The bytes are files, named by their hash.
    static func makeMedia(_ db: Database) throws {
        for sql in media { try db.execute(sql: sql) }
    }

    private static let media = [
        """
        CREATE TABLE media (
            media_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, created_ts INTEGER NOT NULL, unused_expires_ts INTEGER,
            sha256 BLOB, size INTEGER, content_type TEXT, file_name TEXT)
        """,
        "CREATE INDEX media_by_user ON media (user_id, size) WHERE sha256 IS NOT NULL",
        "CREATE INDEX media_unused ON media (user_id, unused_expires_ts) WHERE sha256 IS NULL",
    ]
}

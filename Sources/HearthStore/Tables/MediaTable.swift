public import MatrixModel

/// A media id: whose it is, and what was uploaded to it.
public struct MediaRecord: Sendable, Equatable {
    public let id: MediaID
    public let owner: UserID
    /// When an id that waits for its content stops to exist; nil once it has content.
    public let unusedExpires: MatrixTimestamp?
    public let content: MediaContent?
}

/// What was uploaded, as far as the database knows it: the bytes are a file named by the hash.
public struct MediaContent: Sendable, Equatable {
    /// SHA-256, 32 bytes.
    public let hash: [UInt8]
    /// Bytes.
    public let size: Int64
    /// As the uploader said it.
    public let contentType: String
    public let fileName: String?

    public init(hash: [UInt8], size: Int64, contentType: String, fileName: String?) {
        self.hash = hash
        self.size = size
        self.contentType = contentType
        self.fileName = fileName
    }
}

/// Content that users uploaded, and ids that wait for theirs.
public struct MediaTable {
    let db: Database

    public func insert(_ id: MediaID, owner: UserID, content: MediaContent, at now: MatrixTimestamp) throws {
        try UsageTable(db: db).add(Usage(bytes: content.size, items: 1), .media, of: owner.rawValue)
        try db.run(
            """
            INSERT INTO media (media_id, user_id, created_ts, sha256, size, content_type, file_name) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id.rawValue, owner.rawValue, now.milliseconds, StoredBytes.data(content.hash), content.size, content.contentType,
                content.fileName,
            ])
    }

    /// Makes an id whose content is to come.
    public func insertUnused(_ id: MediaID, owner: UserID, at now: MatrixTimestamp, expires: MatrixTimestamp) throws {
        try db.run(
            "INSERT INTO media (media_id, user_id, created_ts, unused_expires_ts) VALUES (?, ?, ?, ?)",
            [id.rawValue, owner.rawValue, now.milliseconds, expires.milliseconds])
    }

    /// Gives an id its content, which it keeps for ever; false where it has some already or does not exist.
    public func fill(_ id: MediaID, with content: MediaContent) throws -> Bool {
        try db.run(
            """
            UPDATE media SET sha256 = ?, size = ?, content_type = ?, file_name = ?, unused_expires_ts = NULL
            WHERE media_id = ? AND sha256 IS NULL
            """,
            [StoredBytes.data(content.hash), content.size, content.contentType, content.fileName, id.rawValue])
        guard db.changesCount == 1 else { return false }
        if let owner: String = try db.row("SELECT user_id FROM media WHERE media_id = ?", [id.rawValue])?["user_id"] {
            try UsageTable(db: db).add(Usage(bytes: content.size, items: 1), .media, of: owner)
        }
        return true
    }

    /// An id that exists now.
    public func media(_ id: MediaID, at now: MatrixTimestamp) throws -> MediaRecord? {
        try db.readableRow(
            """
            SELECT user_id, unused_expires_ts, sha256, size, content_type, file_name FROM media
            WHERE media_id = ? AND (unused_expires_ts IS NULL OR unused_expires_ts > ?)
            """, [id.rawValue, now.milliseconds]
        ) { row in
            let hash: StoredBlob? = try row["sha256"]
            return try MediaRecord(
                id: id, owner: row["user_id"], unusedExpires: row["unused_expires_ts"],
                content: hash.map {
                    try MediaContent(
                        hash: StoredBytes.bytes($0), size: row["size"], contentType: row["content_type"],
                        fileName: row["file_name"])
                })
        }
    }

    /// How many ids of a user wait for their content.
    public func unusedCount(of user: UserID, at now: MatrixTimestamp) throws -> Int {
        let row = try db.row(
            "SELECT COUNT(*) AS count FROM media WHERE user_id = ? AND sha256 IS NULL AND unused_expires_ts > ?",
            [user.rawValue, now.milliseconds])
        return try row?["count"] ?? 0
    }

    /// Lets no id wait for its content longer than until a time: those that do were made by a clock that was wrong.
    public func shortenUnused(to latest: MatrixTimestamp) throws {
        try db.run(
            "UPDATE media SET unused_expires_ts = ? WHERE sha256 IS NULL AND unused_expires_ts > ?",
            [latest.milliseconds, latest.milliseconds])
    }

    /// Deletes ids whose content never came.
    public func purge(unusedExpiredBefore now: MatrixTimestamp) throws {
        try db.run("DELETE FROM media WHERE sha256 IS NULL AND unused_expires_ts <= ?", [now.milliseconds])
    }
}

/// A file of content that rows of media name.
public struct NamedContent: Sendable, Equatable {
    /// SHA-256, 32 bytes.
    public let hash: [UInt8]
    /// Bytes.
    public let size: Int64

    public init(hash: [UInt8], size: Int64) {
        self.hash = hash
        self.size = size
    }

    /// Of a database file of any version, beside a running server too; each file once.
    public static func all(inDatabase path: String) throws(StoreError) -> [NamedContent] {
        let file = try SQLiteFile(path: path, isReadOnly: true)
        return try SQLiteErrors.only {
            let contents = try file.read(all(in:))
            try file.close()
            return contents
        }
    }

    static func all(in db: Database) throws -> [NamedContent] {
        // Databases from before there was media have none.
        guard try db.connection.hasTable("media") else { return [] }
        return try db.rows(
            "SELECT sha256, MAX(size) AS size FROM media WHERE sha256 IS NOT NULL GROUP BY sha256 ORDER BY sha256"
        ) { row in NamedContent(hash: StoredBytes.bytes(try row["sha256"]), size: try row["size"]) }
    }
}

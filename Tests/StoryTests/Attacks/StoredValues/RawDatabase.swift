import Foundation
import GRDB
import HearthTestKit

/// The database of a server that is stopped, as a file: what is put into it here no server wrote.
struct RawDatabase {
    let path: String
    private let original: Data

    /// Keeps the database as it is, to come back to it.
    init(of hearth: HearthProcess) throws {
        path = hearth.dataDirectory.appending(path: "hearth.db").path
        // Whatever still stands in the write-ahead log goes into the file.
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try queue.close()
        original = try Data(contentsOf: URL(filePath: path))
    }

    func restore() throws {
        for suffix in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
        try original.write(to: URL(filePath: path))
    }

    func write(_ body: (Database) throws -> Void) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write(body)
        try queue.close()
    }

    /// Bytes that are no JSON: hashes.
    private static let others = ["access_tokens.token_hash", "media.sha256"]

    /// Every column that holds JSON, as the schema has them.
    static func columns(in db: Database) throws -> [(table: String, column: String)] {
        let tables = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        return try tables.flatMap { table in
            try db.columns(in: table).filter { $0.type == "BLOB" && !others.contains("\(table).\($0.name)") }
                .map { (table: table, column: $0.name) }
        }
    }

    /// The tables whose rows are each a user's.
    static func userTables(in db: Database) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).filter { table in try db.columns(in: table).contains { $0.name == "user_id" } }
    }

    /// What makes a row one of a user's.
    static func owned(_ table: String, in db: Database) throws -> String {
        let names = try db.columns(in: table).map(\.name)
        if table == "events" {
            return "(sender = :user OR room_id IN (SELECT room_id FROM rooms WHERE profile_owner = :user))"
        }
        return names.contains("user_id") ? "user_id = :user" : "(:user = :user)"
    }
}

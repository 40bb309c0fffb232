import Foundation
import GRDB

/// The SQLite file of a ``Store``: one writer, and readers beside it that see whole commits.
final class SQLiteEngine: Sendable {
    private let pool: DatabasePool
    private let directory: String

    /// Opens or makes the file and brings the schema up to date.
    ///
    /// - Parameter asked: hears the text of every statement that is run from the schema on, without its arguments.
    init(directory: String, readers: Int, asked: (@Sendable (String) -> Void)?) throws {
        self.directory = directory
        pool = try SQLiteErrors.translated {
            let pool = try Self.openPool(path: directory + "/hearth.db", readers: readers, asked: asked)
            guard try pool.read(Schema.age) != .newer else { throw StoreError.newerSchema }
            try Schema.makeMigrator().migrate(pool)
            return pool
        }
    }

    private static func openPool(path: String, readers: Int, asked: (@Sendable (String) -> Void)?) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.maximumReaderCount = readers
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: "PRAGMA cache_size = -32000")
            guard let asked else { return }
            db.trace(options: .statement) { event in
                if case .statement(let statement) = event { asked(statement.sql) }
            }
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // GRDB sets NORMAL when it opens a WAL database: a reply may be sent only when its commit would survive a power cut.
        // What a savepoint would go back to is kept in memory: on the disk it would be one more file to write, for nothing lasting.
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return pool
    }

    func restrictFiles() throws {
        for suffix in ["hearth.db", "hearth.db-wal", "hearth.db-shm"] {
            let path = directory + "/" + suffix
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            }
        }
    }

    // MARK: Transactions

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read { db in try body(Database(connection: SQLiteSession(db: db))) }
        } catch let error as GRDB.DatabaseError {
            throw StoreError(error)
        }
    }

    func readNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try SQLiteErrors.translated { try pool.read { db in try body(Database(connection: SQLiteSession(db: db))) } }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                pool.asyncWrite(
                    { db in try body(Database(connection: SQLiteSession(db: db))) },
                    completion: { continuation.resume(with: $1) })
            }
        } catch let error as GRDB.DatabaseError {
            throw StoreError(error)
        }
    }

    func writeNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try SQLiteErrors.translated { try pool.write { db in try body(Database(connection: SQLiteSession(db: db))) } }
    }

    // MARK: The file

    /// The writer connection's `synchronous` level: 2 is FULL.
    func synchronousLevel() throws -> Int {
        try pool.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1 }
    }

    func limitPages(to count: Int) throws {
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = \(count)") }
    }

    func pageCount() throws -> Int {
        try pool.read { db in try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 }
    }

    func close() throws { try pool.close() }
}

import GRDB

/// A database file that is opened for a look, or for a change by hand: by one connection, beside a running server too.
final class SQLiteFile: Sendable {
    private let queue: DatabaseQueue

    init(path: String, isReadOnly: Bool = false) throws(StoreError) {
        queue = try SQLiteErrors.only {
            var configuration = Configuration()
            configuration.readonly = isReadOnly
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    /// An in-memory database, without a schema.
    init() throws(StoreError) { queue = try SQLiteErrors.only { try DatabaseQueue() } }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try SQLiteErrors.translated { try queue.read { db in try body(Database(connection: SQLiteSession(db: db))) } }
    }

    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try SQLiteErrors.translated { try queue.write { db in try body(Database(connection: SQLiteSession(db: db))) } }
    }

    /// Brings the schema up to date, or up to a version.
    func migrate(upTo name: String? = nil) throws {
        let migrator = Schema.makeMigrator()
        try SQLiteErrors.translated {
            if let name { try migrator.migrate(queue, upTo: name) } else { try migrator.migrate(queue) }
        }
    }

    func schemaAge() throws -> StoreExamination.SchemaAge { try SQLiteErrors.translated { try queue.read(Schema.age) } }

    // MARK: Copies

    /// Makes a file that a database is to be copied into.
    init(copyAt path: String) throws(StoreError) {
        queue = try SQLiteErrors.only {
            var configuration = Configuration()
            // A journal would have a name, and a copy that breaks off is of no use.
            configuration.prepareDatabase { db in
                try db.execute(sql: "PRAGMA journal_mode = OFF")
                try db.execute(sql: "PRAGMA synchronous = OFF")
            }
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    func fill(from source: SQLiteSession, progress: @escaping (_ done: Int, _ total: Int) throws -> Void) throws {
        try SQLiteErrors.translated {
            try queue.writeWithoutTransaction { target in
                try source.db.backup(to: target, pagesPerStep: 1024) { step in
                    try progress(step.totalPageCount - step.remainingPageCount, step.totalPageCount)
                }
            }
        }
    }

    func close() throws { try SQLiteErrors.translated { try queue.close() } }
}

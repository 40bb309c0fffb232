import Foundation
import GRDB
public import MatrixModel
import Synchronization

/// The durable state of one server: one SQLite file in one directory that one process owns.
///
/// Guarantees: a transaction that returned is on the disk (WAL, `synchronous=FULL`); files are readable by their owner alone.
/// All SQL of Hearth is in this target. Reads run beside the writer on connections of their own and see whole commits.
public final class Store: Sendable {
    private let pool: DatabasePool
    private let lock: DirectoryLock
    /// How many reads run at once.
    public static let readers = 4
    private let readPace = Mutex(ReadPace(readers: Store.readers))
    public let directory: String

    /// Opens or makes the database of a directory, takes the directory's lock and brings the schema up to date.
    ///
    /// - Parameter asked: hears the text of every statement that is run from the schema on, without its arguments; for tests.
    /// - Throws: ``StoreError`` with a sentence for the operator.
    public init(
        directory: String, serverName: ServerName, asked: (@Sendable (String) -> Void)? = nil
    ) throws(StoreError) {
        lock = try DirectoryLock(directory: directory)
        self.directory = directory
        do {
            pool = try Self.openPool(path: directory + "/hearth.db", asked: asked)
            try Schema.migrate(pool)
            try pool.write { db in try MetaTable(db: db).claim(serverName: serverName) }
            try Self.restrictFiles(in: directory)
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(error)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    private static func openPool(path: String, asked: (@Sendable (String) -> Void)?) throws -> DatabasePool {
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

    private static func restrictFiles(in directory: String) throws {
        for suffix in ["hearth.db", "hearth.db-wal", "hearth.db-shm"] {
            let path = directory + "/" + suffix
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            }
        }
    }

    /// Reads a consistent state of the database, off the caller's thread.
    ///
    /// Where the task has a ``ReadMeter``, the body may run more than once: it is not to change anything.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (StoreTransaction) throws -> Value) async throws -> Value {
        guard let meter = MeteredRead.meter else { return try await readOnce(for: nil, body) }
        while true {
            do {
                return try await readOnce(for: meter) { store in try MeteredRead.$meter.withValue(meter) { try body(store) } }
            } catch {
                guard try await meter.mayBeginAgain(after: error) else { throw error }
            }
        }
    }

    private func readOnce<Value: Sendable>(
        for meter: (any ReadMeter)?, _ body: @escaping @Sendable (StoreTransaction) throws -> Value
    ) async throws -> Value {
        readPace.withLock { $0.began() }
        do {
            try await meter?.begin()
            defer { meter?.end() }
            let (value, took) = try await pool.read { db in
                let began = ContinuousClock.now
                let value = try body(StoreTransaction(db: db))
                return (value, ContinuousClock.now - began)
            }
            readPace.withLock { $0.ended(took: took, at: .now) }
            return value
        } catch {
            readPace.withLock { $0.ended(took: nil, at: .now) }
            if let error = error as? DatabaseError {
                readPace.withLock { $0.failed() }
                throw StoreError(error)
            }
            throw error
        }
    }

    /// How long a read that came now would wait until it begins: behind all others, or behind so many of them where those who read take turns.
    public func expectedReadWait(behind most: Int = .max) -> Duration { readPace.withLock { $0.expectedWait(behind: most) } }

    /// When a read ended well that no failure has followed; nil without one.
    public var lastRead: ContinuousClock.Instant? { readPace.withLock(\.lastSuccess) }

    /// Reads a consistent state of the database on the caller's thread: for starting up and for command-line tools.
    public func readNow<Value>(_ body: (StoreTransaction) throws -> Value) throws -> Value {
        do {
            return try MeteredRead.$meter.withValue(nil) { try pool.read { db in try body(StoreTransaction(db: db)) } }
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    /// Runs one transaction; when this returns, all of it is on the disk, and when it throws, none.
    ///
    /// A task that is cancelled does not break it off: whoever waits for a commit is not who began it.
    public func write<Value: Sendable>(_ body: @escaping @Sendable (StoreTransaction) throws -> Value) async throws -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                pool.asyncWrite({ db in try body(StoreTransaction(db: db)) }, completion: { continuation.resume(with: $1) })
            }
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    /// What ``write(_:)`` does, on the caller's thread: for starting up and for command-line tools.
    public func writeNow<Value>(_ body: (StoreTransaction) throws -> Value) throws -> Value {
        do {
            return try MeteredRead.$meter.withValue(nil) { try pool.write { db in try body(StoreTransaction(db: db)) } }
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    /// The writer connection's `synchronous` level: 2 is FULL.
    public func synchronousLevel() throws -> Int {
        try pool.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1 }
    }

    /// Limits the database to so many pages: what a full disk does, for tests and for operators who want a quota.
    public func limitPages(to count: Int) throws {
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = \(count)") }
    }

    /// How many pages the database has now.
    public func pageCount() throws -> Int {
        try pool.read { db in try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 }
    }

    /// Closes the database and frees the directory for another owner; every later call fails.
    public func close() throws {
        try pool.close()
        lock.release()
    }
}

public import MatrixModel
import Synchronization

/// The durable state of one server: one SQLite file in one directory that one process owns.
///
/// Guarantees: a transaction that returned is on the disk (WAL, `synchronous=FULL`); files are readable by their owner alone.
/// All SQL of Hearth is in this target. Reads run beside the writer on connections of their own and see whole commits.
public final class Store: Sendable {
    private let engine: SQLiteEngine
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
        engine = try SQLiteErrors.only {
            let engine = try SQLiteEngine(directory: directory, readers: Store.readers, asked: asked)
            try engine.writeNow { db in try MetaTable(db: db).claim(serverName: serverName) }
            try engine.restrictFiles()
            return engine
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
            let (value, took) = try await engine.read { db in
                let began = ContinuousClock.now
                let value = try body(StoreTransaction(db: db))
                return (value, ContinuousClock.now - began)
            }
            readPace.withLock { $0.ended(took: took, at: .now) }
            return value
        } catch {
            readPace.withLock { $0.ended(took: nil, at: .now) }
            if StoreError.isFailure(error) { readPace.withLock { $0.failed() } }
            throw error
        }
    }

    /// How long a read that came now would wait until it begins: behind all others, or behind so many of them where those who read take turns.
    public func expectedReadWait(behind most: Int = .max) -> Duration { readPace.withLock { $0.expectedWait(behind: most) } }

    /// When a read ended well that no failure has followed; nil without one.
    public var lastRead: ContinuousClock.Instant? { readPace.withLock(\.lastSuccess) }

    /// Reads a consistent state of the database on the caller's thread: for starting up and for command-line tools.
    public func readNow<Value>(_ body: (StoreTransaction) throws -> Value) throws -> Value {
        try MeteredRead.$meter.withValue(nil) { try engine.readNow { db in try body(StoreTransaction(db: db)) } }
    }

    /// Runs one transaction; when this returns, all of it is on the disk, and when it throws, none.
    ///
    /// A task that is cancelled does not break it off: whoever waits for a commit is not who began it.
    public func write<Value: Sendable>(_ body: @escaping @Sendable (StoreTransaction) throws -> Value) async throws -> Value {
        try await engine.write { db in try body(StoreTransaction(db: db)) }
    }

    /// What ``write(_:)`` does, on the caller's thread: for starting up and for command-line tools.
    public func writeNow<Value>(_ body: (StoreTransaction) throws -> Value) throws -> Value {
        try MeteredRead.$meter.withValue(nil) { try engine.writeNow { db in try body(StoreTransaction(db: db)) } }
    }

    /// The writer connection's `synchronous` level: 2 is FULL.
    public func synchronousLevel() throws -> Int { try engine.synchronousLevel() }

    /// Limits the database to so many pages: what a full disk does, for tests and for operators who want a quota.
    public func limitPages(to count: Int) throws { try engine.limitPages(to: count) }

    /// How many pages the database has now.
    public func pageCount() throws -> Int { try engine.pageCount() }

    /// Closes the database and frees the directory for another owner; every later call fails.
    public func close() throws {
        try engine.close()
        lock.release()
    }
}

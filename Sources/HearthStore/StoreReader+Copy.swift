import Foundation
import GRDB

extension StoreReader {
    /// Looks at the whole database as it is at one moment, while a server goes on writing.
    ///
    /// Everything that was committed before this call is there, and every transaction as a whole or not at all: it is one read
    /// transaction of the write-ahead log, which cannot shrink for as long as it lasts.
    public func snapshot<Value>(_ body: (StoreSnapshot) throws -> Value) throws -> Value {
        do {
            return try queue.read { db in
                // The first read fixes the moment.
                _ = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master")
                return try body(StoreSnapshot(db: db))
            }
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }
}

/// The database at one moment. Lives only inside the closure that it is handed to.
public struct StoreSnapshot {
    let db: Database

    /// What SQLite finds wrong, in its words; empty for a whole database.
    public func damage() throws -> [String] {
        try String.fetchAll(db, sql: "PRAGMA quick_check(20)").filter { $0 != "ok" }
    }

    /// Stored JSON that cannot be read.
    public func unreadable() throws -> StoreExamination.Unreadable { try StoreExamination.unreadable(in: db) }

    /// Which files of content the database names.
    public func namedContents() throws -> [NamedContent] { try NamedContent.all(in: db) }

    /// Copies all of it into a file without a name: however the process ends, nothing of the copy stays.
    ///
    /// - Parameters:
    ///   - path: a name that the file has for a moment; it must not be there yet.
    ///   - progress: called now and then with the pages done and their number; what it throws ends the copy.
    /// - Returns: the file's descriptor, at its beginning, for the caller to close.
    public func copy(by path: String, progress: @escaping (_ done: Int, _ total: Int) throws -> Void) throws -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError.unavailable("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        do {
            var configuration = Configuration()
            // A journal would have a name, and a copy that breaks off is of no use.
            configuration.prepareDatabase { db in
                try db.execute(sql: "PRAGMA journal_mode = OFF")
                try db.execute(sql: "PRAGMA synchronous = OFF")
            }
            let copy: DatabaseQueue
            do {
                defer { unlink(path) }
                copy = try DatabaseQueue(path: path, configuration: configuration)
            }
            try copy.writeWithoutTransaction { target in
                try db.backup(to: target, pagesPerStep: 1024) { step in
                    try progress(step.totalPageCount - step.remainingPageCount, step.totalPageCount)
                }
            }
            try copy.close()
            try Self.leaveWriteAheadLog(descriptor, path)
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// What `PRAGMA journal_mode = DELETE` writes: the copy is whole without a log, and makes none where it is only read.
    ///
    /// [Format](https://www.sqlite.org/fileformat.html#file_format_version_numbers): bytes 18 and 19, 2 for a log and 1 for none.
    private static func leaveWriteAheadLog(_ descriptor: Int32, _ path: String) throws(StoreError) {
        guard pwrite(descriptor, [1, 1] as [UInt8], 2, 18) == 2 else {
            throw .unavailable("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}

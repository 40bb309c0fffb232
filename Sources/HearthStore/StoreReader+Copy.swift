import Foundation

extension StoreReader {
    /// Looks at the whole database as it is at one moment, while a server goes on writing.
    ///
    /// Everything that was committed before this call is there, and every transaction as a whole or not at all: it is one read
    /// transaction of the write-ahead log, which cannot shrink for as long as it lasts.
    public func snapshot<Value>(_ body: (StoreSnapshot) throws -> Value) throws -> Value {
        try file.read { db in
            // The first read fixes the moment.
            _ = try db.hasRow("SELECT COUNT(*) FROM sqlite_master")
            return try body(StoreSnapshot(db: db))
        }
    }
}

/// The database at one moment. Lives only inside the closure that it is handed to.
public struct StoreSnapshot {
    let db: Database

    /// What SQLite finds wrong, in its words; empty for a whole database.
    public func damage() throws -> [String] {
        try db.connection.damage(isThorough: false)
    }

    /// Stored values that cannot be read.
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
            let copy: SQLiteFile
            do {
                defer { unlink(path) }
                copy = try SQLiteFile(copyAt: path)
            }
            try copy.fill(from: db.connection, progress: progress)
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

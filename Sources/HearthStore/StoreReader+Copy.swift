import Foundation
import GRDB

extension StoreReader {
    /// Copies the whole database into a new file, as it is at one moment, while a server goes on writing.
    ///
    /// Everything that was committed before this call is in the copy, and every transaction is in it as a whole or not at all: the
    /// copy is read inside one read transaction of the write-ahead log. It is a single file, readable by its owner alone.
    ///
    /// - Parameter progress: called now and then with the pages done and their number; what it throws ends the copy.
    public func copy(to path: String, progress: @escaping (_ done: Int, _ total: Int) throws -> Void) throws {
        do {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw StoreError.unavailable("cannot write \(path): \(String(cString: strerror(errno)))")
            }
            close(descriptor)
            let copy = try DatabaseQueue(path: path)
            try queue.read { source in
                // The first read fixes the moment.
                _ = try Int.fetchOne(source, sql: "SELECT COUNT(*) FROM sqlite_master")
                try copy.writeWithoutTransaction { target in
                    try source.backup(to: target, pagesPerStep: 1024) { step in
                        try progress(step.totalPageCount - step.remainingPageCount, step.totalPageCount)
                    }
                }
            }
            try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }
}

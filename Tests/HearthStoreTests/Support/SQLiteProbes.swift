import GRDB
import GRDBSQLite
import Synchronization

@testable import HearthStore

/// What SQLite itself can tell of its work.
extension SQLiteSession {
    /// How many hundreds of steps SQLite takes for something: every row that it looks at is several.
    func hundredsOfSteps(of body: () throws -> Void) rethrows -> Int {
        final class Count { var value = 0 }
        let count = Count()
        sqlite3_progress_handler(
            db.sqliteConnection, 100,
            { context in
                if let context { Unmanaged<Count>.fromOpaque(context).takeUnretainedValue().value += 1 }
                return 0
            }, Unmanaged.passUnretained(count).toOpaque())
        defer { sqlite3_progress_handler(db.sqliteConnection, 0, nil, nil) }
        try body()
        return count.value
    }

    /// The statements that something runs, with their arguments in their places.
    func statements(of body: () throws -> Void) rethrows -> [String] {
        let asked = Mutex<[String]>([])
        db.trace { event in
            if case .statement(let statement) = event { asked.withLock { $0.append(statement.expandedSQL) } }
        }
        defer { db.trace(nil) }
        try body()
        return asked.withLock { $0 }
    }
}

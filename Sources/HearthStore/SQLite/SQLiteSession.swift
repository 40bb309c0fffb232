import Foundation
import GRDB
import GRDBSQLite

/// How statements run on SQLite. GRDB keeps the prepared ones, and the connection; what it throws becomes a ``StoreError`` here.
struct SQLiteSession {
    let db: GRDB.Database

    var changesCount: Int { db.changesCount }
    var totalChangesCount: Int { db.totalChangesCount }
    var isInsideTransaction: Bool { db.isInsideTransaction }

    func run(_ sql: String, _ arguments: [DatabaseValue]) throws {
        try SQLiteErrors.translated { try db.cachedStatement(sql: sql).execute(arguments: GRDB.StatementArguments(arguments)) }
    }

    /// Hands on the rows of a query until `body` returns false. Each is gone with the next.
    func each(_ sql: String, _ arguments: [DatabaseValue], _ body: (Row) throws -> Bool) throws {
        try each(sql, arguments) { row, _ in try body(row) }
    }

    /// The same with the row in SQLite's own terms beside it.
    func each(_ sql: String, _ arguments: [DatabaseValue], _ body: (Row, SQLiteRow) throws -> Bool) throws {
        try SQLiteErrors.translated {
            let statement = try db.cachedStatement(sql: sql)
            let cursor = try GRDB.Row.fetchCursor(statement, arguments: GRDB.StatementArguments(arguments))
            let current = SQLiteRow(statement)
            let row = Row(current)
            while try cursor.next() != nil, try body(row, current) {}
        }
    }

    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws {
        try SQLiteErrors.translated { try db.execute(sql: sql, arguments: GRDB.StatementArguments(arguments)) }
    }

    /// What SQLite finds wrong, in its words; empty for a whole database.
    func damage(isThorough: Bool) throws -> [String] {
        try SQLiteErrors.translated {
            try String.fetchAll(db, sql: isThorough ? "PRAGMA integrity_check(20)" : "PRAGMA quick_check(20)").filter {
                $0 != "ok"
            }
        }
    }

    func hasTable(_ name: String) throws -> Bool { try SQLiteErrors.translated { try db.tableExists(name) } }
}

/// The row that a statement stands at.
struct SQLiteRow {
    private let statement: GRDB.Statement
    let pointer: SQLiteStatement

    init(_ statement: GRDB.Statement) {
        self.statement = statement
        pointer = statement.sqliteStatement
    }

    var sql: String { statement.sql }
    var columns: [String] { statement.columnNames }
    func index(of column: String) -> Int? { statement.index(ofColumn: column) }

    func value(at index: Int) -> DatabaseValue {
        let column = Int32(index)
        switch sqlite3_column_type(pointer, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(pointer, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(pointer, column))
        case SQLITE_TEXT: return .text(text(at: column))
        case SQLITE_BLOB: return .blob(Data(buffer: bytes(at: index)))
        default: return .null
        }
    }

    private func text(at column: Int32) -> String {
        guard let start = sqlite3_column_text(pointer, column) else { return "" }
        return String(
            decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))), as: UTF8.self)
    }

    /// The bytes of a blob; none for whatever else stands there.
    func bytes(at index: Int) -> UnsafeBufferPointer<UInt8> {
        let column = Int32(index)
        guard sqlite3_column_type(pointer, column) == SQLITE_BLOB, let start = sqlite3_column_blob(pointer, column) else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return UnsafeBufferPointer(start: start.bindMemory(to: UInt8.self, capacity: count), count: count)
    }

    /// The bytes of text and blobs in the row. Numbers are left out: asking for their length would turn them into text.
    var bytes: Int {
        var sum = 0
        for column in 0..<sqlite3_column_count(pointer) {
            let type = sqlite3_column_type(pointer, column)
            if type == SQLITE_BLOB || type == SQLITE_TEXT { sum += Int(sqlite3_column_bytes(pointer, column)) }
        }
        return sum
    }
}

/// What GRDB throws, as ``StoreError``. The errors of operations pass through.
enum SQLiteErrors {
    static func translated<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as GRDB.DatabaseError {
            throw StoreError(error)
        }
    }

    /// The same for what throws nothing but ``StoreError``; what else fails is the machine's.
    static func only<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try translated(body)
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unavailable("\(error)")
        }
    }
}

extension StoreError {
    /// The error for what SQLite reported.
    init(_ error: GRDB.DatabaseError) {
        self =
            error.resultCode.primaryResultCode == .SQLITE_FULL
            ? .full : .unavailable("SQLite error \(error.extendedResultCode.rawValue)")
    }
}

extension GRDB.StatementArguments {
    fileprivate init(_ values: [DatabaseValue]) { self.init(values.lazy.map { $0.driverValue }) }
}

extension DatabaseValue {
    fileprivate var driverValue: GRDB.DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): bytes.databaseValue
        }
    }
}

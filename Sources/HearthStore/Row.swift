import Foundation

/// A row that a query found. Whatever stands in it, reading it does not trap: what cannot be read is ``StoreError/corrupt(_:)``, which names the
/// table and the column.
struct Row {
    private enum Storage {
        /// The row that the statement stands at; gone with the next.
        case current(SQLiteRow)
        case kept(KeptRow)
    }

    private let storage: Storage

    init(_ row: SQLiteRow) { storage = .current(row) }

    init(_ row: KeptRow) { storage = .kept(row) }

    /// A copy that outlives the statement's next step.
    func kept() -> Row {
        switch storage {
        case .current(let row): Row(KeptRow(row))
        case .kept: self
        }
    }

    // MARK: Values

    subscript<Value: DatabaseValueConvertible>(_ column: String) -> Value {
        get throws(StoreError) { try value(at: index(of: column)) }
    }

    /// Nil for NULL alone.
    subscript<Value: DatabaseValueConvertible>(_ column: String) -> Value? {
        get throws(StoreError) { try optionalValue(at: index(of: column)) }
    }

    /// By the column's number, from 0 on.
    subscript<Value: DatabaseValueConvertible>(_ index: Int) -> Value {
        get throws(StoreError) { try value(at: index) }
    }

    subscript<Value: DatabaseValueConvertible>(_ index: Int) -> Value? {
        get throws(StoreError) { try optionalValue(at: index) }
    }

    private func value<Value: DatabaseValueConvertible>(at index: Int) throws(StoreError) -> Value {
        guard let value = Value.fromStored(databaseValue(at: index)) else { throw .corrupt(place(at: index)) }
        return value
    }

    private func optionalValue<Value: DatabaseValueConvertible>(at index: Int) throws(StoreError) -> Value? {
        let stored = databaseValue(at: index)
        if stored.isNull { return nil }
        guard let value = Value.fromStored(stored) else { throw .corrupt(place(at: index)) }
        return value
    }

    func databaseValue(at index: Int) -> DatabaseValue {
        switch storage {
        case .current(let row): row.value(at: index)
        case .kept(let row): row.values[index]
        }
    }

    /// What stands in a column, of whatever class.
    func databaseValue(_ column: String) -> DatabaseValue { databaseValue(at: index(of: column)) }

    /// The bytes of a blob, where the database has them; none for NULL, and for what is no blob.
    func withBytes<Value>(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Value) throws -> Value {
        switch storage {
        case .current(let row):
            return try body(row.bytes(at: index))
        case .kept(let row):
            guard case .blob(let bytes) = row.values[index] else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
            return try bytes.withUnsafeBytes { try $0.withMemoryRebound(to: UInt8.self, body) }
        }
    }

    // MARK: Columns

    private func index(of column: String) -> Int {
        guard let index = find(column) else { preconditionFailure("no query that is read for it selects \(column)") }
        return index
    }

    private func find(_ column: String) -> Int? {
        switch storage {
        case .current(let row): row.index(of: column)
        case .kept(let row): row.columns.firstIndex(of: column)
        }
    }

    /// Table and column, as far as the query names them.
    private func place(at index: Int) -> String {
        switch storage {
        case .current(let row): Self.place(row.columns[index], in: row.sql)
        case .kept(let row): Self.place(row.columns[index], in: row.sql)
        }
    }

    /// The first table that a statement names is the one of its rows, in all of Hearth's.
    static func place(_ column: String, in sql: String) -> String {
        let words = sql.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        let marks = words.indices.filter { ["FROM", "INTO", "UPDATE"].contains(words[$0]) && $0 + 1 < words.endIndex }
        guard let table = marks.map({ words[$0 + 1] }).first(where: { $0 != "SELECT" }) else { return column }
        return "\(table).\(column)"
    }

    /// Whose row it is, for the operator.
    var user: String? {
        guard let index = ["user_id", "sender", "profile_owner"].lazy.compactMap({ find($0) }).first else { return nil }
        return String.fromStored(databaseValue(at: index))
    }

    /// The bytes of text and blobs in the row.
    var bytes: Int {
        switch storage {
        case .current(let row): row.bytes
        case .kept(let row): row.bytes
        }
    }
}

/// A row that was copied out of the database.
struct KeptRow {
    let sql: String
    let columns: [String]
    let values: [DatabaseValue]

    init(_ row: SQLiteRow) {
        sql = row.sql
        columns = row.columns
        values = columns.indices.map(row.value(at:))
    }

    var bytes: Int {
        values.reduce(0) { sum, value in
            switch value {
            case .null, .integer, .real: sum
            case .text(let text): sum + text.utf8.count
            case .blob(let bytes): sum + bytes.count
            }
        }
    }
}

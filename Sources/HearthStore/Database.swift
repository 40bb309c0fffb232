/// A connection to the database, inside a transaction. Statements are prepared once and kept.
///
/// The tables use only this API; GRDB's types and errors stay in `SQLite/`.
struct Database {
    let connection: SQLiteSession

    /// Runs a statement.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try connection.run(sql, try arguments.storable())
    }

    /// How many rows the last statement changed.
    var changesCount: Int { connection.changesCount }

    /// Grows with every row that is changed.
    var totalChangesCount: Int { connection.totalChangesCount }

    /// False once the database has ended the transaction by itself, as it does on a full disk.
    var isInsideTransaction: Bool { connection.isInsideTransaction }

    /// The first row of a query: a copy that outlives the statement.
    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        var kept: Row?
        try connection.each(sql, try arguments.storable()) { row in
            kept = row.kept()
            return false
        }
        return kept
    }

    /// Whether a query finds anything.
    func hasRow(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Bool {
        var isFound = false
        try connection.each(sql, try arguments.storable()) { _ in
            isFound = true
            return false
        }
        return isFound
    }

    /// The first row of a query, mapped; nil also where it cannot be read.
    func readableRow<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ transform: (Row) throws -> Value
    ) throws -> Value? {
        var value: Value?
        try connection.each(sql, try arguments.storable()) { row in
            value = try readable(row, transform)
            return false
        }
        return value
    }

    /// The first row of a query that can be read, mapped: for one that is looked for by its order, which damage may move to the front.
    func firstReadableRow<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ transform: (Row) throws -> Value
    ) throws -> Value? {
        var value: Value?
        try someRows(sql, arguments) { row in
            value = try transform(row)
            return false
        }
        return value
    }

    /// What a row is mapped to; nil, and the operator is told, where it cannot be read.
    func readable<Value>(_ row: Row, _ transform: (Row) throws -> Value) throws -> Value? {
        do {
            return try transform(row)
        } catch StoreError.corrupt(let place) {
            UnreadableRows.passedOver(place, of: row.user)
            return nil
        }
    }

    /// All rows of a query that can be read, each mapped at once, and counted before (``ReadMeter``).
    func rows<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ transform: (Row) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        var count = MeteredRead.meter.map { RowCount(meter: $0) }
        try connection.each(sql, try arguments.storable()) { row in
            try count?.takes(row.bytes)
            if let value = try readable(row, transform) { values.append(value) }
            return true
        }
        try count?.report()
        return values
    }

    /// Hands on the rows of a query one by one: for as many as there are users, of which all together would not be kept. A row that cannot
    /// be read is passed over.
    func eachRow(_ sql: String, _ arguments: StatementArguments = StatementArguments(), _ body: (Row) throws -> Void) throws {
        try connection.each(sql, try arguments.storable()) { row in
            _ = try readable(row, body)
            return true
        }
    }

    /// What ``eachRow(_:_:_:)`` does, until `body` returns false.
    func someRows(_ sql: String, _ arguments: StatementArguments = StatementArguments(), while body: (Row) throws -> Bool) throws
    {
        try connection.each(sql, try arguments.storable()) { row in try readable(row, body) ?? true }
    }

    /// Runs a statement that is not kept: for the schema.
    func execute(sql: String, arguments: StatementArguments = StatementArguments()) throws {
        try connection.execute(sql, try arguments.storable())
    }
}

@testable import HearthStore

extension SQLiteFile {
    /// A database of the present schema, or of an earlier one.
    static func migrated(upTo name: String? = nil) throws -> SQLiteFile {
        let file = try SQLiteFile()
        try file.migrate(upTo: name)
        return file
    }
}

extension Database {
    /// The first value that a query finds.
    func value<Value: DatabaseValueConvertible>(_ sql: String, _ arguments: StatementArguments = []) throws -> Value? {
        try row(sql, arguments)?[0]
    }

    /// The first value of every row.
    func values<Value: DatabaseValueConvertible>(_ sql: String, _ arguments: StatementArguments = []) throws -> [Value] {
        try rows(sql, arguments) { try $0[0] }
    }
}

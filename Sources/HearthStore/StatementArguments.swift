/// Values bound to a statement's placeholders: to each `?` in order, or to `?1`, `?2` by number.
struct StatementArguments: ExpressibleByArrayLiteral {
    private(set) var values: [DatabaseValue]

    init(arrayLiteral elements: (any DatabaseValueConvertible)?...) {
        values = elements.map { $0?.storedValue ?? .null }
    }

    init(_ values: [String] = []) { self.values = values.map { .text($0) } }

    static func + (lhs: Self, rhs: Self) -> Self {
        var sum = lhs
        sum.values += rhs.values
        return sum
    }

    /// The values, if a database can hold them all.
    ///
    /// - Throws: ``StoreError/unstorable`` for a text with U+0000: SQLite's driver truncates the text there, and PostgreSQL aborts the whole
    ///   transaction.
    func storable() throws(StoreError) -> [DatabaseValue] {
        for case .text(let text) in values where text.utf8.contains(0) { throw .unstorable }
        return values
    }
}

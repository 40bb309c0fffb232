import Foundation

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
        for case .text(let text) in values where Self.hasZero(text) { throw .unstorable }
        return values
    }

    /// Of every text of every statement: by the one loop that the machine's library has for it.
    private static func hasZero(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? text.utf8.contains(0)
    }
}

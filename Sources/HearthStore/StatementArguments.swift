/// What takes the places of `?` in a statement, in their order. Where it says `?1` and so on instead, by their numbers.
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
    /// - Throws: ``StoreError/unstorable`` for a text with U+0000: one database ends it there, and the other refuses it along with the whole
    ///   transaction.
    func storable() throws(StoreError) -> [DatabaseValue] {
        for case .text(let text) in values where text.utf8.contains(0) { throw .unstorable }
        return values
    }
}

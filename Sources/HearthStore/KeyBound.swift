extension Database {
    /// The bytes that the texts of one key have together at most. PostgreSQL takes no more than a third of a page, 2,704 bytes with what it
    /// adds itself.
    static let mostKeyBytes = 2_600

    /// Refuses what would be too long for an index, before any database is asked.
    ///
    /// - Throws: ``StoreError/unstorable``.
    func checkKey(_ texts: String?...) throws(StoreError) {
        guard texts.reduce(0, { $0 + ($1?.utf8.count ?? 0) }) <= Self.mostKeyBytes else { throw .unstorable }
    }
}

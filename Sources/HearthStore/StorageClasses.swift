/// Finds values that are not of their column's class, or numbers that Hearth never writes: SQLite keeps whatever a program puts into a
/// column. Reading passes such rows over.
enum StorageClasses {
    /// Hands on each such value of every table of Hearth's. What holds JSON is left to ``JSONColumn``.
    static func eachUnusual(in db: Database, _ body: (UnreadableValue) -> Void) throws {
        let tables = try db.rows(
            """
            SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            AND name NOT LIKE 'grdb\\_%' ESCAPE '\\' ORDER BY name
            """
        ) { try $0["name"] as String }
        for table in tables { try eachUnusual(of: table, in: db, body) }
    }

    private struct Column {
        let name: String
        let type: String
        let isNullable: Bool
        let isKey: Bool

        /// What holds of an unusual value.
        var condition: String {
            let column = "\"\(name)\""
            let range = "\(Int64.storable.lowerBound) AND \(Int64.storable.upperBound)"
            let isUnusual =
                type == "INTEGER"
                ? "(typeof(\(column)) <> 'integer' OR \(column) NOT BETWEEN \(range))"
                : "typeof(\(column)) <> '\(type.lowercased())'"
            return isNullable ? "(\(isUnusual) AND \(column) IS NOT NULL)" : isUnusual
        }
    }

    private static func eachUnusual(of table: String, in db: Database, _ body: (UnreadableValue) -> Void) throws {
        let all = try db.rows("SELECT name, type, \"notnull\" AS is_filled, pk FROM pragma_table_info(?)", [table]) { row in
            let isKey = try row["pk"] as Int > 0
            return try Column(name: row["name"], type: row["type"], isNullable: !isKey && !row["is_filled"], isKey: isKey)
        }
        let columns = all.filter { column in !JSONColumn.all.contains { $0.table == table && $0.column == column.name } }
        let owner = ["user_id", "sender", "profile_owner", "creator"].first { name in all.contains { $0.name == name } }
        let key = all.filter(\.isKey).map { "COALESCE(CAST(\"\($0.name)\" AS TEXT), 'NULL')" }.joined(separator: " || ' ' || ")
        let flags = columns.enumerated().map { "\($1.condition) AS c\($0)" }.joined(separator: ", ")
        try db.eachRow(
            """
            SELECT \(owner.map { "\"\($0)\"" } ?? "NULL") AS row_owner, \(key.isEmpty ? "''" : key) AS row_key, \(flags) FROM \"\(table)\"
            WHERE \(columns.map(\.condition).joined(separator: " OR "))
            """
        ) { row in
            for (number, column) in columns.enumerated() where try row["c\(number)"] {
                body(
                    UnreadableValue(
                        place: "\(table).\(column.name)", user: String.fromStored(row.databaseValue("row_owner")),
                        key: try row["row_key"]))
            }
        }
    }
}

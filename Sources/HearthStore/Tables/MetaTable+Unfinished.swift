extension MetaTable {
    private static let prefix = "unfinished "

    /// Remembers that something is still to be done, whatever happens to the process.
    ///
    /// - Parameter generation: tells this need of it from an earlier one.
    public func noteUnfinished(_ name: String, generation: String) throws {
        try db.run(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [Self.prefix + name, generation])
    }

    /// Strikes it out, unless it became needed anew since.
    public func noteFinished(_ name: String, generation: String) throws {
        try db.run("DELETE FROM meta WHERE key = ? AND value = ?", [Self.prefix + name, generation])
    }

    /// The generation in which something is still to be done; nil where it is not.
    public func unfinished(_ name: String) throws -> String? {
        try db.row("SELECT value FROM meta WHERE key = ?", [Self.prefix + name])?["value"]
    }

    /// What is still to be done.
    public func unfinished() throws -> [(name: String, generation: String)] {
        try db.rows("SELECT key, value FROM meta WHERE key >= ? AND key < ?", [Self.prefix, "unfinished!"]) { row in
            try (String((row["key"] as String).dropFirst(Self.prefix.count)), row["value"])
        }
    }
}

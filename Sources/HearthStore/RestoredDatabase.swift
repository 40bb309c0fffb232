/// A database that was made of a backup, before a server runs on it.
public enum RestoredDatabase {
    /// Has the next start know that the server had gone on after what is in the database.
    public static func mark(_ path: String) throws(StoreError) {
        let file = try SQLiteFile(path: path)
        try SQLiteErrors.only {
            try file.write { db in try MetaTable(db: db).setRestored() }
            try file.close()
        }
    }
}

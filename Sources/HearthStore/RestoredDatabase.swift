import GRDB

/// A database that was made of a backup, before a server runs on it.
public enum RestoredDatabase {
    /// Has the next start know that the server had gone on after what is in the database.
    public static func mark(_ path: String) throws(StoreError) {
        do {
            let queue = try DatabaseQueue(path: path)
            try queue.write { db in try MetaTable(db: db).setRestored() }
            try queue.close()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(error)
        } catch {
            throw .unavailable("\(error)")
        }
    }
}

import Foundation
import GRDB
public import MatrixModel

/// A look into a data directory without owning it: beside a running server, or without one. Writes nothing.
///
/// What it sees is a whole commit; each read sees its own. It takes no lock, and makes neither a directory nor a database.
public final class StoreReader: Sendable {
    let queue: DatabaseQueue

    /// Whether there is a database in the directory.
    public static func exists(in directory: String) -> Bool { FileManager.default.fileExists(atPath: path(in: directory)) }

    private static func path(in directory: String) -> String { directory + "/hearth.db" }

    /// - Throws: ``StoreError`` with a sentence for the operator.
    public init(directory: String) throws(StoreError) {
        guard Self.exists(in: directory) else {
            throw .unavailable("there is no database in \(directory); name the data directory with --data")
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            queue = try DatabaseQueue(path: Self.path(in: directory), configuration: configuration)
            let migrator = Schema.makeMigrator()
            if try queue.read(migrator.hasBeenSuperseded) { throw StoreError.newerSchema }
            guard try queue.read(migrator.hasCompletedMigrations) else {
                throw StoreError.unavailable("the database in \(directory) is of an older version; start the server once")
            }
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(error)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    /// Reads a consistent state of the database on the caller's thread.
    public func readNow<Value>(_ body: (StoreTransaction) throws -> Value) throws -> Value {
        do {
            return try queue.read { db in try body(StoreTransaction(db: db)) }
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    /// The name of the server whose database this is.
    public func serverName() throws -> ServerName {
        let text: String? = try readNow { try $0.db.row("SELECT value FROM meta WHERE key = 'server_name'")?["value"] }
        guard let name = text.flatMap({ ServerName($0) }) else { throw StoreError.corrupt("the server's name") }
        return name
    }
}

extension UsersTable {
    /// The administrators.
    public func admins() throws -> [UserID] {
        try db.rows("SELECT user_id FROM users WHERE is_admin = 1 ORDER BY user_id") { row in
            guard let id = UserID(row["user_id"] as String) else { throw StoreError.corrupt("a user id") }
            return id
        }
    }
}

extension RegistrationTokensTable {
    /// Whether there is any token that would be taken now.
    public func hasValid(at now: MatrixTimestamp) throws -> Bool {
        try db.row(
            """
            SELECT 1 FROM registration_tokens WHERE (uses_allowed IS NULL OR uses_completed < uses_allowed)
            AND (expires_ts IS NULL OR expires_ts > ?) LIMIT 1
            """, [now.milliseconds]) != nil
    }
}

import Foundation
public import MatrixModel

/// A look into a data directory without owning it: beside a running server, or without one. Writes nothing.
///
/// What it sees is a whole commit; each read sees its own. It takes no lock, and makes neither a directory nor a database.
public final class StoreReader: Sendable {
    let file: SQLiteFile

    /// Whether there is a database in the directory.
    public static func exists(in directory: String) -> Bool { FileManager.default.fileExists(atPath: path(in: directory)) }

    private static func path(in directory: String) -> String { directory + "/hearth.db" }

    /// - Throws: ``StoreError`` with a sentence for the operator.
    public init(directory: String) throws(StoreError) {
        guard Self.exists(in: directory) else {
            throw .unavailable("there is no database in \(directory); name the data directory with --data")
        }
        let file = try SQLiteFile(path: Self.path(in: directory), isReadOnly: true)
        switch try SQLiteErrors.only({ try file.schemaAge() }) {
        case .newer: throw .newerSchema
        case .older: throw .unavailable("the database in \(directory) is of an older version; start the server once")
        case .current: self.file = file
        }
    }

    /// Reads a consistent state of the database on the caller's thread.
    public func readNow<Value>(_ body: (StoreTransaction) throws -> Value) throws -> Value {
        try file.read { db in try body(StoreTransaction(db: db)) }
    }

    /// The name of the server whose database this is.
    public func serverName() throws -> ServerName {
        let text: String? = try readNow { store in
            try store.db.row("SELECT value FROM meta WHERE key = 'server_name'")?["value"]
        }
        guard let name = text.flatMap({ ServerName($0) }) else { throw StoreError.corrupt("the server's name") }
        return name
    }
}

extension UsersTable {
    /// The administrators.
    public func admins() throws -> [UserID] {
        try db.rows("SELECT user_id FROM users WHERE is_admin = 1 ORDER BY user_id") { row in
            try row["user_id"]
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

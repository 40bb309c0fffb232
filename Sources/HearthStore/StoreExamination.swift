import Foundation
import GRDB
public import MatrixModel

/// What a look at a database file finds, whatever state the file is in: for a doctor, and for a backup before it is trusted.
public struct StoreExamination: Sendable, Equatable {
    public enum SchemaAge: Sendable, Equatable { case current, older, newer }

    /// Nil where there is none yet, or it cannot be read.
    public let serverName: ServerName?
    public let schema: SchemaAge
    /// What SQLite finds wrong, in its words; empty for a whole database.
    public let damage: [String]
    /// The time of the newest event; nil without events.
    public let newestEvent: MatrixTimestamp?
    public let hasSigningKey: Bool
    /// Stored JSON that cannot be read, the first of each column by name; nil where nobody looked. The server passes it over.
    public let unreadable: Unreadable?

    public struct Unreadable: Sendable, Equatable {
        /// How many of one column are named.
        static let mostNamed = 5

        public internal(set) var count = 0
        public internal(set) var first: [UnreadableValue] = []
    }

    /// Reads the file without changing it, beside a running server too.
    ///
    /// - Parameters:
    ///   - isThorough: compares every index with its table as well; takes several times as long.
    ///   - readsValues: reads every stored value.
    /// - Throws: ``StoreError`` when the file cannot be read at all.
    public init(path: String, isThorough: Bool, readsValues: Bool = false) throws(StoreError) {
        guard FileManager.default.fileExists(atPath: path) else { throw .unavailable("there is no \(path)") }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let migrator = Schema.makeMigrator()
            self = try queue.read { db in
                let damage = try String.fetchAll(db, sql: isThorough ? "PRAGMA integrity_check(20)" : "PRAGMA quick_check(20)")
                let schema: SchemaAge =
                    try migrator.hasBeenSuperseded(db) ? .newer : try migrator.hasCompletedMigrations(db) ? .current : .older
                guard try db.tableExists("meta"), try db.tableExists("events") else {
                    return Self(
                        serverName: nil, schema: schema, damage: damage.filter { $0 != "ok" }, newestEvent: nil,
                        hasSigningKey: false, unreadable: nil)
                }
                let name = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'server_name'")
                let newest = try Int64.fetchOne(db, sql: "SELECT origin_server_ts FROM events ORDER BY position DESC LIMIT 1")
                return Self(
                    serverName: name.flatMap { ServerName($0) }, schema: schema, damage: damage.filter { $0 != "ok" },
                    newestEvent: newest.map(MatrixTimestamp.init(milliseconds:)),
                    hasSigningKey: try MetaTable(db: db).signingKey() != nil,
                    unreadable: readsValues ? try Self.unreadable(in: db) : nil)
            }
            try queue.close()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(error)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    static func unreadable(in db: Database) throws -> Unreadable {
        var unreadable = Unreadable()
        for column in JSONColumn.all {
            var named = 0
            try column.eachUnreadable(in: db) { value in
                unreadable.count += 1
                named += 1
                if named <= Unreadable.mostNamed { unreadable.first.append(value) }
            }
        }
        return unreadable
    }

    private init(
        serverName: ServerName?, schema: SchemaAge, damage: [String], newestEvent: MatrixTimestamp?, hasSigningKey: Bool,
        unreadable: Unreadable?
    ) {
        self.serverName = serverName
        self.schema = schema
        self.damage = damage
        self.newestEvent = newestEvent
        self.hasSigningKey = hasSigningKey
        self.unreadable = unreadable
    }
}

import Foundation
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
    /// Stored values that cannot be read, the first of each column by name; nil where nobody looked. The server passes it over.
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
        let file = try SQLiteFile(path: path, isReadOnly: true)
        self = try SQLiteErrors.only {
            let schema = try file.schemaAge()
            let examination = try file.read { db in
                let damage = try db.connection.damage(isThorough: isThorough)
                guard try db.connection.hasTable("meta"), try db.connection.hasTable("events") else {
                    return Self(
                        serverName: nil, schema: schema, damage: damage, newestEvent: nil, hasSigningKey: false, unreadable: nil)
                }
                return Self(
                    serverName: try db.readableRow("SELECT value FROM meta WHERE key = 'server_name'") { row in
                        ServerName(try row["value"])
                    } ?? nil,
                    schema: schema, damage: damage,
                    newestEvent: try db.readableRow("SELECT origin_server_ts FROM events ORDER BY position DESC LIMIT 1") { row in
                        try row["origin_server_ts"]
                    },
                    hasSigningKey: try db.readableRow("SELECT value FROM meta WHERE key = 'signing_key_seed'") { row in
                        let seed: String = try row["value"]
                        return seed.split(separator: " ").count == 2
                    } == true,
                    unreadable: readsValues ? try Self.unreadable(in: db) : nil)
            }
            try file.close()
            return examination
        }
    }

    static func unreadable(in db: Database) throws -> Unreadable {
        var (unreadable, named) = (Unreadable(), [String: Int]())
        func note(_ value: UnreadableValue) {
            unreadable.count += 1
            named[value.place, default: 0] += 1
            if named[value.place, default: 0] <= Unreadable.mostNamed { unreadable.first.append(value) }
        }
        for column in JSONColumn.all { try column.eachUnreadable(in: db, note) }
        try StorageClasses.eachUnusual(in: db, note)
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

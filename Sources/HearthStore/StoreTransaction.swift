import GRDB

/// The tables, inside one transaction. Lives only inside the closure that it is handed to.
public struct StoreTransaction {
    let db: Database

    public var accountData: AccountDataTable { AccountDataTable(db: db) }
    public var aliases: AliasesTable { AliasesTable(db: db) }
    public var annotations: AnnotationsTable { AnnotationsTable(db: db) }
    public var clockMarks: ClockMarksTable { ClockMarksTable(db: db) }
    public var crossSigningKeys: CrossSigningKeysTable { CrossSigningKeysTable(db: db) }
    public var deviceKeys: DeviceKeysTable { DeviceKeysTable(db: db) }
    public var deviceListChanges: DeviceListChangesTable { DeviceListChangesTable(db: db) }
    public var devices: DevicesTable { DevicesTable(db: db) }
    public var erasures: ErasuresTable { ErasuresTable(db: db) }
    public var endsOfIgnoring: EndsOfIgnoringTable { EndsOfIgnoringTable(db: db) }
    public var epochs: EpochsTable { EpochsTable(db: db) }
    public var events: EventsTable { EventsTable(db: db) }
    public var fallbackKeys: FallbackKeysTable { FallbackKeysTable(db: db) }
    public var filters: FiltersTable { FiltersTable(db: db) }
    public var keyBackups: KeyBackupsTable { KeyBackupsTable(db: db) }
    public var keyBackupSessions: KeyBackupSessionsTable { KeyBackupSessionsTable(db: db) }
    public var keySignatures: KeySignaturesTable { KeySignaturesTable(db: db) }
    public var media: MediaTable { MediaTable(db: db) }
    public var memberships: MembershipsTable { MembershipsTable(db: db) }
    public var meta: MetaTable { MetaTable(db: db) }
    public var oneTimeKeys: OneTimeKeysTable { OneTimeKeysTable(db: db) }
    public var peeks: PeeksTable { PeeksTable(db: db) }
    public var presence: PresenceTable { PresenceTable(db: db) }
    public var presenceChoices: PresenceChoicesTable { PresenceChoicesTable(db: db) }
    public var programFields: ProgramFieldsTable { ProgramFieldsTable(db: db) }
    public var pushers: PushersTable { PushersTable(db: db) }
    public var pushNotices: PushNoticesTable { PushNoticesTable(db: db) }
    public var receipts: ReceiptsTable { ReceiptsTable(db: db) }
    public var registrationTokens: RegistrationTokensTable { RegistrationTokensTable(db: db) }
    public var relations: RelationsTable { RelationsTable(db: db) }
    public var restoration: RestorationQueries { RestorationQueries(db: db) }
    public var roomDirectory: RoomDirectoryTable { RoomDirectoryTable(db: db) }
    public var rooms: RoomsTable { RoomsTable(db: db) }
    public var state: CurrentStateTable { CurrentStateTable(db: db) }
    public var toDevice: ToDeviceTable { ToDeviceTable(db: db) }
    public var transactions: TransactionsTable { TransactionsTable(db: db) }
    public var usage: UsageTable { UsageTable(db: db) }
    public var userDirectory: UserDirectoryTable { UserDirectoryTable(db: db) }
    public var users: UsersTable { UsersTable(db: db) }

    /// Grows with every row that is changed.
    public var changeCount: Int { db.totalChangesCount }

    /// Runs a part of the transaction that throws only before its first change: there is nothing to go back to, and so no savepoint, which
    /// takes a copy of every page that is changed.
    ///
    /// An error of the database itself is rethrown as ``StoreError``: the whole transaction is lost then. So it is when the part breaks its
    /// word.
    public func checkedFirst<Value>(_ body: () throws -> Value) throws -> Value {
        let changes = db.totalChangesCount
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error)
        } catch {
            guard db.totalChangesCount == changes else {
                throw StoreError.unavailable("an operation changed something before it failed: \(error)")
            }
            throw error
        }
    }

    /// Runs a part of the transaction that leaves nothing behind when it throws.
    ///
    /// An error of the database itself is rethrown as ``StoreError``: the whole transaction is lost then.
    ///
    /// The savepoint's statements come from the cache: GRDB's own `inSavepoint` prepares both anew each time.
    public func nested<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            try db.run("SAVEPOINT operation")
            let result: Result<Value, any Error>
            do {
                result = .success(try body())
            } catch {
                // The database may have ended the transaction itself, as on a full disk: then there is nothing to go back to.
                guard db.isInsideTransaction else { throw error }
                result = .failure(error)
                try db.run("ROLLBACK TO SAVEPOINT operation")
            }
            try db.run("RELEASE SAVEPOINT operation")
            return try result.get()
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }
}

extension Database {
    /// Runs a statement from the cache of prepared ones.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// The first row of a prepared query.
    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    /// Whether a prepared query finds anything.
    func hasRow(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Bool {
        try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments).next() != nil
    }

    /// The first row of a prepared query, mapped; nil also where it cannot be read.
    func readableRow<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ transform: (Row) throws -> Value
    ) throws -> Value? {
        try row(sql, arguments).flatMap { try readable($0, transform) }
    }

    /// What a row is mapped to; nil, and the operator is told, where it cannot be read.
    func readable<Value>(_ row: Row, _ transform: (Row) throws -> Value) throws -> Value? {
        do {
            return try transform(row)
        } catch StoreError.corrupt(let place) {
            UnreadableRows.passedOver(place, of: row.user)
            return nil
        }
    }

    /// All rows of a prepared query that can be read, each mapped at once, and counted before (``ReadMeter``).
    func rows<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ transform: (Row) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        let statement = try cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: arguments)
        guard let meter = MeteredRead.meter else {
            while let row = try cursor.next() { if let value = try readable(row, transform) { values.append(value) } }
            return values
        }
        var count = RowCount(meter: meter)
        while let row = try cursor.next() {
            try count.takes(statement.bytesOfRow)
            if let value = try readable(row, transform) { values.append(value) }
        }
        try count.report()
        return values
    }

    /// Hands on the rows of a prepared query one by one: for as many as there are users, of which all together would not be kept. A row
    /// that cannot be read is passed over.
    func eachRow(_ sql: String, _ arguments: StatementArguments = StatementArguments(), _ body: (Row) throws -> Void) throws {
        let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        while let row = try cursor.next() { _ = try readable(row, body) }
    }
}

extension Row {
    /// Whose row it is, for the operator.
    var user: String? {
        guard let column = ["user_id", "sender"].first(where: hasColumn) else { return nil }
        return String.fromDatabaseValue(self[column] as DatabaseValue)
    }
}

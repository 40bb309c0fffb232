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
    /// After an error of the database itself (``StoreError/isFailure(_:)``) the whole transaction is lost. So it is when the part breaks its
    /// word.
    public func checkedFirst<Value>(_ body: () throws -> Value) throws -> Value {
        let changes = db.totalChangesCount
        do {
            return try body()
        } catch {
            guard !StoreError.isFailure(error) else { throw error }
            guard db.totalChangesCount == changes else {
                throw StoreError.unavailable("an operation changed something before it failed: \(error)")
            }
            throw error
        }
    }

    /// Runs a part of the transaction that leaves nothing behind when it throws.
    ///
    /// After an error of the database itself (``StoreError/isFailure(_:)``) the whole transaction is lost.
    ///
    /// The savepoint's statements come from the cache: GRDB's own `inSavepoint` prepares both anew each time.
    public func nested<Value>(_ body: () throws -> Value) throws -> Value {
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
    }
}

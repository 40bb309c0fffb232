import HearthSettings
public import HearthStore
public import MatrixModel

/// Why something about a key backup was not done. The comment of each case names the status and `errcode` that it means to a client.
public enum KeyBackupError: Error, Equatable, Sendable {
    /// 404 `M_NOT_FOUND`.
    case noBackup
    /// 404 `M_NOT_FOUND`.
    case unknownVersion
    /// 404 `M_NOT_FOUND`.
    case unknownSession
    /// 403 `M_WRONG_ROOM_KEYS_VERSION` with `current_version`.
    case notCurrent(version: Int64)
    /// 400 `M_INVALID_PARAM`.
    case otherAlgorithm
    /// 413 `M_TOO_LARGE`.
    case tooLarge
}

/// Users' backups of the keys of their encrypted sessions. They are encrypted for the user; the server only knows how good each is.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#server-side-key-backups). A user has one current version at a time: the newest
/// that is not deleted. Only it takes keys.
public final class KeyBackupService: Sendable {
    /// The most that `auth_data` or the data of one session may have, in bytes of canonical JSON.
    public static let largestData = 65_536
    /// How many sessions are stored in one operation of the writer, so that others get their turn between them.
    static let sessionsAtOnce = 100
    static let deletedAtOnce = 2_000

    private let store: Store
    private let quotas: Quotas
    private let writer: RoomWriter

    init(store: Store, quotas: Quotas, writer: RoomWriter) {
        self.store = store
        self.quotas = quotas
        self.writer = writer
    }

    // MARK: Versions

    public func createVersion(algorithm: String, authData: JSONObject, of user: UserID) async throws -> Int64 {
        guard authData.bytes.count <= Self.largestData, algorithm.utf8.count <= 255 else { throw KeyBackupError.tooLarge }
        return try await writer.perform { [quotas] context in
            try context.requireAccount(user)
            let version = try context.transaction.keyBackups.insert(algorithm: algorithm, authData: authData, of: user)
            try Self.requireRoom(in: quotas, of: user, in: context)
            return version
        }
    }

    public func currentVersion(of user: UserID) async throws -> KeyBackup {
        guard let backup = try await store.read({ try $0.keyBackups.current(of: user) }) else {
            throw KeyBackupError.noBackup
        }
        return backup
    }

    public func version(_ version: Int64, of user: UserID) async throws -> KeyBackup {
        try await store.read { try Self.require(version, of: user, in: $0) }
    }

    /// Replaces `auth_data`; the algorithm must be the one that the version has.
    public func update(_ version: Int64, algorithm: String, authData: JSONObject, of user: UserID) async throws {
        guard authData.bytes.count <= Self.largestData else { throw KeyBackupError.tooLarge }
        try await writer.perform { [quotas] context in
            let backup = try Self.require(version, of: user, in: context.transaction)
            guard backup.algorithm.hasSameBytes(as: algorithm) else { throw KeyBackupError.otherAlgorithm }
            let before = try context.transaction.keyBackups.counted(version, of: user)
            try context.transaction.keyBackups.setAuthData(authData, of: version, user: user)
            let after = try context.transaction.keyBackups.counted(version, of: user)
            if after.bytes > before.bytes { try Self.requireRoom(in: quotas, of: user, in: context) }
        }
    }

    public func deleteVersion(_ version: Int64, of user: UserID) async throws {
        // Its sessions first, in steps: a version without some of them is one that is being deleted.
        var isWhole = false
        while !isWhole {
            isWhole = try await writer.perform { context in
                let store = context.transaction
                _ = try Self.require(version, of: user, in: store)
                let deleted = try store.keyBackupSessions.deleteSome(Self.deletedAtOnce, of: user, version: version)
                if deleted == Self.deletedAtOnce {
                    try store.keyBackups.noteChange(of: version, user: user, added: -deleted)
                    return false
                }
                try store.keyBackups.delete(version, of: user)
                return true
            }
        }
    }

    // MARK: Sessions

    /// Stores sessions, each where it is better than the one that is there, and returns the backup as it is then.
    ///
    /// Many are stored in steps. Of those that were stored before a step failed nothing is taken back: whoever sends all of them again
    /// ends where one step would have ended.
    public func store(
        _ sessions: [(room: RoomID, id: String, session: BackedUpSession)], in version: Int64, of user: UserID
    ) async throws -> KeyBackup {
        guard sessions.allSatisfy({ $0.session.sessionData.bytes.count <= Self.largestData }) else {
            throw KeyBackupError.tooLarge
        }
        var backup: KeyBackup?
        for first in stride(from: 0, to: sessions.count, by: Self.sessionsAtOnce) {
            let step = sessions[first..<min(first + Self.sessionsAtOnce, sessions.count)]
            backup = try await storeStep(step, in: version, of: user)
        }
        if let backup { return backup }
        return try await storeStep([], in: version, of: user)
    }

    private func storeStep(
        _ sessions: ArraySlice<(room: RoomID, id: String, session: BackedUpSession)>, in version: Int64, of user: UserID
    ) async throws -> KeyBackup {
        try await writer.perform { [quotas] context in
            let store = context.transaction
            guard let current = try store.keyBackups.current(of: user) else { throw KeyBackupError.unknownVersion }
            guard current.version == version else { throw KeyBackupError.notCurrent(version: current.version) }
            let before = try store.usage.usage(of: user, .keyBackup).bytes
            var (added, changed) = (0, 0)
            for (room, id, session) in sessions {
                let place = KeyBackupSessionsTable.Place(user: user, version: version, room: room, session: id)
                if let known = try store.keyBackupSessions.session(at: place), !session.isBetter(than: known) { continue }
                if try store.keyBackupSessions.set(session, at: place) { added += 1 }
                changed += 1
            }
            if changed > 0 { try store.keyBackups.noteChange(of: version, user: user, added: added) }
            if try store.usage.usage(of: user, .keyBackup).bytes > before {
                try Self.requireRoom(in: quotas, of: user, in: context)
            }
            return try Self.require(version, of: user, in: store)
        }
    }

    /// All sessions of a version, or those of one room, by room.
    public func sessions(
        in version: Int64, room: RoomID?, of user: UserID
    ) async throws -> [(room: RoomID, id: String, session: BackedUpSession)] {
        try await store.read { store in
            _ = try Self.require(version, of: user, in: store)
            return try store.keyBackupSessions.sessions(of: version, user: user, room: room)
        }
    }

    public func session(_ id: String, room: RoomID, in version: Int64, of user: UserID) async throws -> BackedUpSession {
        try await store.read { store in
            _ = try Self.require(version, of: user, in: store)
            let place = KeyBackupSessionsTable.Place(user: user, version: version, room: room, session: id)
            guard let session = try store.keyBackupSessions.session(at: place) else { throw KeyBackupError.unknownSession }
            return session
        }
    }

    /// Deletes all sessions of a version, those of one room, or one, where they are many in steps, and returns the backup as it is then.
    public func deleteSessions(
        in version: Int64, room: RoomID?, session: String?, of user: UserID
    ) async throws -> KeyBackup {
        while true {
            let (backup, isDone) = try await writer.perform { context in
                let store = context.transaction
                _ = try Self.require(version, of: user, in: store)
                let count =
                    session == nil
                    ? try store.keyBackupSessions.deleteSome(Self.deletedAtOnce, of: user, version: version, room: room)
                    : try store.keyBackupSessions.delete(of: version, user: user, room: room, session: session)
                if count > 0 { try store.keyBackups.noteChange(of: version, user: user, added: -count) }
                return (try Self.require(version, of: user, in: store), count < Self.deletedAtOnce)
            }
            if isDone { return backup }
        }
    }

    /// Refuses what was just stored, which undoes it, where it takes the user's key backups over their quota.
    private static func requireRoom(in quotas: Quotas, of user: UserID, in context: WriteContext) throws {
        guard try context.transaction.usage.usage(of: user, .keyBackup).bytes <= quotas.keyBackup else {
            throw QuotaExceeded(.keyBackup, limit: quotas.keyBackup)
        }
    }

    private static func require(_ version: Int64, of user: UserID, in store: StoreTransaction) throws -> KeyBackup {
        guard let backup = try store.keyBackups.backup(version, of: user) else { throw KeyBackupError.unknownVersion }
        return backup
    }
}

extension BackedUpSession {
    /// Whether this key is to replace another of the same session: a verified one wins, then the one that reaches further back, then
    /// the one that was forwarded less. Equals stay.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#backup-algorithm-mmegolm_backupv1curve25519-aes-sha2).
    func isBetter(than other: BackedUpSession) -> Bool {
        if isVerified != other.isVerified { return isVerified }
        if firstMessageIndex != other.firstMessageIndex { return firstMessageIndex < other.firstMessageIndex }
        return forwardedCount < other.forwardedCount
    }
}

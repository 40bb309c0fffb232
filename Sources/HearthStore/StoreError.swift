/// Why the store did not do what it was asked. Never carries SQL arguments, which may hold what users wrote.
public enum StoreError: Error, Equatable, CustomStringConvertible {
    /// The disk, or the page limit, is full. Nothing of the transaction was kept; it works again once there is room.
    case full
    /// The database could not be written or read for another reason of the machine's.
    case unavailable(String)
    /// Another process has the data directory.
    case locked(path: String)
    /// The database belongs to another server name.
    case otherServerName(stored: String, given: String)
    /// The database was written by a newer Hearth.
    case newerSchema
    /// The store holds something that Hearth never writes; the text names the table and, for JSON, the column.
    case corrupt(String)
    /// A value nests deeper than what is read back: it is not written.
    case tooDeep
    /// A text that holds U+0000, or a name too long for an index: no database is asked with it.
    case unstorable

    public var description: String {
        switch self {
        case .full: "the disk is full; free some space and Hearth goes on by itself"
        case .unavailable(let reason): "the database is not available: \(reason)"
        case .locked(let path):
            "another Hearth is using \(path); stop it first, or choose another directory with --data"
        case .otherServerName(let stored, let given):
            "this database belongs to the server name \(stored), not \(given); a server's name can never change: "
                + "start with --server-name \(stored), or choose another directory with --data"
        case .newerSchema:
            "this database was written by a newer version of Hearth; install that version, or restore a backup made before the upgrade"
        case .corrupt(let what): "the database holds something unexpected: \(what)"
        case .tooDeep: "a value nests too deeply to be stored"
        case .unstorable: "a text contains U+0000, or a key is too long to index"
        }
    }

    /// Whether it concerns one value alone: whatever else is read or written in the transaction goes on.
    public var concernsOneValue: Bool {
        switch self {
        case .corrupt, .tooDeep, .unstorable: true
        case .full, .unavailable, .locked, .otherServerName, .newerSchema: false
        }
    }

    /// Whether an error of an operation is the database's own, so that the whole transaction is lost.
    public static func isFailure(_ error: any Error) -> Bool {
        guard let error = error as? StoreError else { return false }
        return !error.concernsOneValue
    }
}

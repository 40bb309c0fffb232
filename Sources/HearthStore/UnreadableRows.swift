import Logging
import Synchronization

/// What is said of rows that are passed over because something in them cannot be read.
///
/// No row of one user stops a start, a command, a migration or another user's request. The operator is told of it once for each table
/// and user, without anything of what the row holds; `hearth doctor --thorough` names every row.
public enum UnreadableRows {
    /// How many tables and users are told of, so that the log stays readable.
    private static let mostNoted = 1_000
    private static let noted = Mutex<Set<String>>([])
    private static let logger = Logger(label: "hearth")

    /// - Parameters:
    ///   - place: the table and, where it is known, the column.
    ///   - user: whose row it is; nil where the row does not tell.
    public static func passedOver(_ place: String, of user: String?) {
        let isNew = noted.withLock { $0.count < mostNoted && $0.insert("\(place) \(user ?? "")").inserted }
        guard isNew else { return }
        logger.warning(
            "something stored cannot be read and is passed over; hearth doctor --thorough names it",
            metadata: ["table": "\(place)", "user": "\(user ?? "unknown")"])
    }
}

import Logging
import MatrixModel
import Synchronization

/// What is said of a user's part of the server's own work that a room refuses: it is left out, and the others' parts go on.
///
/// The operator is told once for each user, without anything of what was to be written. Nothing stored is damaged: there is nothing for
/// `hearth doctor` to find.
enum RefusedParts {
    /// How many users are told of, so that the log stays readable.
    private static let mostNoted = 1_000
    private static let noted = Mutex<Set<UserID>>([])
    private static let logger = Logger(label: "hearth")

    static func passedOver(of user: UserID) {
        let isNew = noted.withLock { $0.count < mostNoted && $0.insert(user).inserted }
        guard isNew else { return }
        logger.warning(
            "a room refuses what the server was to write for a user; it is left out, and the others' changes go on",
            metadata: ["user": "\(user)"])
    }
}

import HearthServices
import HummingbirdCore
import Logging
import Synchronization

/// Takes so many connections and no more: further ones wait in the system's queue until one ends.
///
/// Nothing is closed and nobody is refused, which would need a connection as well. One listener has one of these.
struct ConnectionLimit: AvailableConnectionsDelegate {
    private let most: Int
    private let logger: Logger
    private let warning = Warning()
    private var open = 0

    private final class Warning: Sendable {
        private let last = Mutex<ContinuousClock.Instant?>(nil)

        /// Whether a minute has passed since this was last true.
        func isDue() -> Bool {
            let now = ContinuousClock.now
            return last.withLock { last in
                if let last, now - last < .seconds(60) { return false }
                last = now
                return true
            }
        }
    }

    init(most: Int, logger: Logger) {
        self.most = most
        self.logger = logger
    }

    mutating func connectionOpened() { open += 1 }

    mutating func connectionClosed() { open -= 1 }

    func isAcceptingNewConnections() -> Bool {
        if open < most { return true }
        if warning.isDue() {
            logger.warning(
                "as many clients are connected as the server takes, more have to wait; raise limits.connections or the limit of open files",
                metadata: ["connections": "\(open)"])
        }
        return false
    }
}

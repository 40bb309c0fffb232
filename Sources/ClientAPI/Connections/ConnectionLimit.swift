import HummingbirdCore
import Logging

/// Takes so many connections and no more: further ones wait in the system's queue until one ends, or until one that rests makes room.
///
/// Nobody is refused, which would need a connection as well. One listener has one of these.
struct ConnectionLimit: AvailableConnectionsDelegate {
    private let most: Int
    private let connections: OpenConnections
    private let logger: Logger
    private let warning = RareWarning()
    private var open = 0

    init(most: Int, connections: OpenConnections, logger: Logger) {
        self.most = most
        self.connections = connections
        self.logger = logger
    }

    mutating func connectionOpened() {
        open += 1
        guard open > most else { return }
        warn()
        connections.makeRoom()
    }

    mutating func connectionClosed() { open -= 1 }

    func isAcceptingNewConnections() -> Bool {
        if connections.hasRoom(beside: open) { return true }
        warn()
        return false
    }

    private func warn() {
        guard warning.isDue() else { return }
        logger.warning(
            "as many clients are connected as the server takes, more have to wait; raise limits.connections or the limit of open files",
            metadata: ["connections": "\(open)"])
    }
}

import HearthServices
import HearthSettings
import HearthStore
import Homeserver
import Logging
import MatrixModel

/// The server without its network, for a command on a data directory that no server uses now.
enum OfflineServer {
    /// Runs the command in the database itself; returns what to print.
    ///
    /// - Throws: ``StoreError/locked(path:)`` when a server has the directory.
    static func run(_ command: ControlCommand, settings: HearthSettings, serverName: ServerName) async throws -> String {
        var logger = Logger(label: "hearth")
        logger.logLevel = .error
        let server = try HearthServer(settings: settings, serverName: serverName, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.writer.run() }
            defer { server.writer.close() }
            return try await command.run(with: server.accounts)
        }
    }
}

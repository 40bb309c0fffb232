import HearthServices
import HearthStore
import Logging
import MatrixModel
import SubscriptionCore

/// As much of the server as a command needs, for a data directory that no server uses now.
enum OfflineServer {
    /// Runs the command in the database itself; returns what to print.
    ///
    /// - Throws: ``StoreError/locked(path:)`` when a server has the directory.
    static func run(_ command: ControlCommand, settings: HearthSettings, serverName: ServerName) async throws -> String {
        let store = try Store(directory: settings.data.directory, serverName: serverName)
        let identity = try ServerIdentity(
            name: serverName, signingKey: SigningKeyStore.loadOrMake(in: store, server: serverName))
        var logger = Logger(label: "hearth")
        logger.logLevel = .error
        let writer = try RoomWriter(
            store: store, server: identity, clock: SystemClock(),
            notifier: StreamNotifier(engine: SubscriptionEngine(audience: Audience(settings.presence))),
            logger: logger)
        let accounts = AccountService(
            writer: writer, tokens: try AccessTokens(store: store), settings: settings, deviceEnded: { _, _ in })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await writer.run() }
            defer { writer.close() }
            return try await command.run(with: accounts)
        }
    }
}

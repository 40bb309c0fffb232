import HearthServices
import HearthStore
import Logging
import MatrixModel
import PresenceCore
import SubscriptionCore
import TestSupport

/// What a server does between the opening of its database and its first request.
struct StartedServer {
    let store: Store
    let assembly: ServerAssembly
    let presence: PresenceEngine

    /// - Parameter asked: hears every statement.
    init(directory: String, asked: (@Sendable (String) -> Void)? = nil) throws {
        let server = ServerName("test") ?? { preconditionFailure("a server name") }()
        let (store, clock) = (try Store(directory: directory, serverName: server, asked: asked), TestClock())
        let identity = try ServerIdentity(name: server, signingKey: try SigningKeyStore.loadOrMake(in: store, server: server))
        let notifier = StreamNotifier(engine: try store.readNow { try SubscriptionRestoration.engine(from: $0) })
        let assembly = try ServerAssembly(
            store: store, server: identity, clock: clock, notifier: notifier,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try ProfileRoomFactory.createMissing(in: store, with: assembly.writer)
        try assembly.writer.performNow { try assembly.audience.followAllPeeks(in: $0, as: notifier) }
        presence = try store.readNow {
            try PresenceRestoration.engine(settings: PresenceSettings(), store: $0, now: clock.now())
        }
        _ = try AccessTokens(store: store)
        (self.store, self.assembly) = (store, assembly)
    }
}

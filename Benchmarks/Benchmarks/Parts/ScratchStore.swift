import Foundation
import HearthRuntime
import HearthServices
import HearthStore
import Logging
import MatrixModel
import RoomRules

/// A writer over a store in a temporary directory, which goes with it.
final class ScratchStore: Sendable {
    let writer: RoomWriter
    let notifier: StreamNotifier
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "hearth-parts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let server = SampleEvent.server
        let store = try Store(directory: folder.path, serverName: server)
        let identity = try ServerIdentity(name: server, signingKey: try SigningKeyStore.loadOrMake(in: store, server: server))
        notifier = StreamNotifier(engine: try store.readNow { try SubscriptionRestoration.engine(from: $0) })
        let quiet = Logger(label: "parts") { _ in SwiftLogNoOpLogHandler() }
        writer = try ServerAssembly(
            store: store, server: identity, clock: SystemClock(), notifier: notifier, logger: quiet
        ).writer
    }

    func discard() throws { try FileManager.default.removeItem(at: folder) }

    /// The profile rooms of so many new users.
    func makeRooms(_ count: Int) throws -> [RoomID] {
        try (0..<count).map { number in
            try writer.performNow { try ProfileRoomFactory.create(for: SampleEvent.user(number), in: $0) }
        }
    }

    /// An operation that publishes a presence in a profile room.
    static func publication(_ presence: String, in room: RoomID) -> @Sendable (WriteContext) throws -> PersistedEvent {
        { context in
            try context.send(
                EventRequest(
                    type: SampleEvent.draft.type, stateKey: "", sender: context.server.hearth,
                    content: ["presence": .string(presence)]),
                in: room)
        }
    }
}

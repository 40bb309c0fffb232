import Foundation
import HearthServices
import HearthStore
import Logging
import MatrixModel
import PresenceCore
import RoomRules
import SubscriptionCore
import TestSupport
import Testing

/// A server's services over a real database file, with clocks that the test moves; no HTTP.
struct ServiceFixture {
    let clock: TestClock
    let store: Store
    let notifier: StreamNotifier
    let assembly: ServerAssembly
    let writer: RoomWriter
    let presence: PresenceService
    let peeks: PeekService

    static func with(
        presence settings: PresenceSettings = PresenceSettings(),
        _ body: @escaping @Sendable (ServiceFixture) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-service-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let fixture = try ServiceFixture(directory: directory, settings: settings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fixture.writer.run() }
            group.addTask { try await fixture.presence.run() }
            group.addTask { try await fixture.peeks.run() }
            defer { fixture.stop() }
            try await body(fixture)
        }
    }

    private init(directory: String, settings: PresenceSettings) throws {
        let clock = TestClock()
        let server = try #require(ServerName("test"))
        store = try Store(directory: directory, serverName: server)
        let identity = try ServerIdentity(name: server, signingKey: try SigningKeyStore.loadOrMake(in: store, server: server))
        notifier = StreamNotifier(engine: try store.readNow { try SubscriptionRestoration.engine(from: $0) })
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        assembly = try ServerAssembly(store: store, server: identity, clock: clock, notifier: notifier, logger: logger)
        writer = assembly.writer
        presence = assembly.presence(engine: PresenceEngine(settings: settings, startedAt: clock.now())) { _, _ in true }
        peeks = assembly.peeks()
        self.clock = clock
    }

    /// What a start would make of the store as it is now.
    func assembledAgain(audience: Audience = Audience()) throws -> ServerAssembly {
        try ServerAssembly(
            store: store, server: assembly.server, clock: clock,
            notifier: StreamNotifier(
                engine: try store.readNow { try SubscriptionRestoration.engine(from: $0, audience: audience) }),
            logger: assembly.logger)
    }

    private func stop() {
        peeks.stop()
        presence.stop()
        writer.close()
    }

    /// Makes a user with a device and a profile room.
    func makeUser(_ name: String) async throws -> DeviceKey {
        let user = try #require(UserID("@\(name):test"))
        let device = DeviceKey(user: user, device: try #require(DeviceID("D")))
        return try await writer.perform { context in
            try context.transaction.users.insert(user, passwordHash: nil, isAdmin: false, at: context.now.wall)
            try context.transaction.devices.upsert(device, displayName: nil, at: context.now.wall)
            _ = try ProfileRoomFactory.create(for: user, in: context)
            return device
        }
    }

    /// So many more devices of a user, logged in like the first.
    func makeDevices(_ count: Int, of user: UserID) async throws -> [DeviceKey] {
        let devices = try (0..<count).map { DeviceKey(user: user, device: try #require(DeviceID("D\($0)"))) }
        try await writer.perform { context in
            for device in devices { try context.transaction.devices.upsert(device, displayName: nil, at: context.now.wall) }
        }
        return devices
    }

    /// Waits until something is so; fails after ten seconds.
    func eventually(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw Overdue(what: what) }
            await Task.yield()
        }
    }

    func published(of user: UserID) -> String? {
        notifier.ask { $0.lane(of: user)?.presence?.content["presence"]?.stringValue }
    }
}

struct Overdue: Error, CustomStringConvertible {
    let what: String
    var description: String { "not within ten seconds: \(what)" }
}

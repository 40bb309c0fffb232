import HearthStore
import MatrixModel
import PresenceCore
import SubscriptionCore
import Testing

@testable import HearthRuntime
@testable import HearthServices

/// What a sync is answered that the end of the server finds held.
@Suite("Syncs while the server stops")
struct StoppingSyncTests {
    /// The server stops when something is to be read.
    private struct StoppedReads: ReadMeter {
        let notifier: StreamNotifier
        let error: any Error & Sendable

        func begin() async throws {
            notifier.shutDown()
            throw error
        }

        func end() {}
        func takes(_ bytes: Int) throws {}
        func mayBeginAgain(after error: any Error) async throws -> Bool { false }
        func forgets() {}
    }

    /// Alice's syncs, and one that has news which are to be read from the store.
    private static func withNews(
        _ body: @escaping @Sendable (ServiceFixture, SyncService, DeviceKey, SyncToken) async throws -> Void
    ) async throws {
        try await ServiceFixture.with { fixture in
            let sync = fixture.assembly.sync(
                presence: fixture.presence, timeouts: Timeouts(clock: fixture.clock), legacy: LegacyPolicy(isEnabled: false)
            ) { _ in true }
            let device = try await fixture.makeUser("alice")
            let start = try await sync.sync(SyncRequest(claim: .silent), device: device, connection: LastingConnection())
            let accountData = fixture.assembly.accountData(presence: fixture.presence)
            try await accountData.set("org.example.news", content: [:], room: nil, of: device.user)
            try await body(fixture, sync, device, start.nextBatch)
        }
    }

    @Test(
        "one whose news cannot be read any longer is answered with the token that it came with",
        arguments: [WriteError.shuttingDown, CancellationError()] as [any Error & Sendable])
    func readIsBrokenOff(error: any Error & Sendable) async throws {
        try await Self.withNews { fixture, sync, device, start in
            let request = SyncRequest(since: start, timeout: .seconds(30), claim: .silent)
            let meter = StoppedReads(notifier: fixture.notifier, error: error)
            let answer = try await MeteredRead.$meter.withValue(meter) {
                try await sync.sync(request, device: device, connection: LastingConnection())
            }
            #expect(answer.isEmpty && answer.nextBatch == start)
        }
    }

    @Test("one that may wait has nothing read for it any more; one that asks for what there is gets it")
    func looksLate() async throws {
        try await Self.withNews { fixture, sync, device, start in
            fixture.notifier.shutDown()
            var request = SyncRequest(since: start, timeout: .seconds(30), claim: .silent)
            let held = try await sync.sync(request, device: device, connection: LastingConnection())
            #expect(held.isEmpty && held.nextBatch == start)
            request.timeout = .zero
            let answer = try await sync.sync(request, device: device, connection: LastingConnection())
            #expect(answer.accountData.map(\.type) == ["org.example.news"])
        }
    }
}

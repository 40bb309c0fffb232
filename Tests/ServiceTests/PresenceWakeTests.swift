import MatrixModel
import PresenceCore
import SubscriptionCore
import Synchronization
import TestSupport
import Testing

@testable import HearthRuntime
@testable import HearthServices

/// Held syncs that presence alone wakes; a user's own presence is news to all of the user's devices.
@Suite("Held syncs and the pace of presence")
struct PresenceWakeTests {
    /// A service with held syncs over the fixture's clock, and a device that waits.
    private struct Scene: Sendable {
        let fixture: ServiceFixture
        let sync: SyncService
        let accountData: AccountDataService
        let device: DeviceKey

        func put(_ presence: Presence) async throws {
            try await fixture.presence.put(
                PresencePutRequest(presence: presence, status: .unchanged, expires: nil, isManual: false), by: device)
        }

        func initial() async throws -> SyncToken {
            try await sync.sync(SyncRequest(claim: .silent), device: device, connection: LastingConnection()).nextBatch
        }

        func held(since: SyncToken, timeout: Duration = .seconds(30)) async throws -> HearthServices.SyncResponse {
            try await sync.sync(
                SyncRequest(since: since, timeout: timeout, claim: .silent), device: device, connection: LastingConnection())
        }
    }

    private func story(
        legacy: LegacyPolicy = LegacyPolicy(isEnabled: true), _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await ServiceFixture.with { fixture in
            let timeouts = Timeouts(clock: fixture.clock)
            let scene = Scene(
                fixture: fixture,
                sync: fixture.assembly.sync(
                    presence: fixture.presence, timeouts: timeouts, legacy: legacy, isLoggedIn: { _ in true }),
                accountData: fixture.assembly.accountData(presence: fixture.presence),
                device: try await fixture.makeUser("alice"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await timeouts.run() }
                defer { timeouts.stop() }
                try await body(scene)
            }
        }
    }

    /// Brings the device to where presence was just told to it alone: the next has to wait for its turn, one second later.
    private func paced(_ scene: Scene) async throws -> (since: SyncToken, turn: MonotonicTime) {
        let start = try await scene.initial()
        try await scene.put(.busy)
        let first = try await scene.held(since: start)
        #expect(first.presence.map(\.presence) == [.busy], "the first is answered at once")
        return (first.nextBatch, scene.fixture.clock.now().monotonic.advanced(by: .seconds(1)))
    }

    @Test("the second within the interval is answered when its turn has come, once and with the newest value")
    func waitsForItsTurn() async throws {
        try await story { scene in
            let (since, turn) = try await paced(scene)
            let clock = scene.fixture.clock
            try await scene.put(.offline)
            let isAnswered = Flag()
            try await withThrowingTaskGroup(of: HearthServices.SyncResponse.self) { group in
                group.addTask {
                    let response = try await scene.held(since: since)
                    isAnswered.set()
                    return response
                }
                try await scene.fixture.eventually("the turn is awaited") { clock.nextWake == turn }
                try await scene.put(.busy)
                clock.advanceMonotonic(by: .milliseconds(999))
                #expect(!isAnswered.isSet)
                clock.advanceMonotonic(by: .milliseconds(1))
                let response = try #require(try await group.next())
                #expect(response.presence.map(\.presence) == [.busy])
                #expect(response.nextBatch.position == scene.fixture.notifier.position)
            }
        }
    }

    @Test("what carries anything else is answered at once, with the presence that waited, and is not counted")
    func otherNews() async throws {
        try await story { scene in
            let (since, turn) = try await paced(scene)
            try await scene.put(.offline)
            async let held = scene.held(since: since)
            try await scene.fixture.eventually("the turn is awaited") { scene.fixture.clock.nextWake == turn }
            try await scene.accountData.set("org.example", content: [:], room: nil, of: scene.device.user)
            let response = try await held
            #expect(response.presence.map(\.presence) == [.offline])
            #expect(response.accountData.map(\.type) == ["org.example"])
            // The turn is still the one that the first answer gave.
            try await scene.put(.busy)
            async let next = scene.held(since: response.nextBatch)
            try await scene.fixture.eventually("the turn is awaited") { scene.fixture.clock.nextWake == turn }
            scene.fixture.clock.advanceMonotonic(by: .seconds(1))
            #expect(try await next.presence.map(\.presence) == [.busy])
        }
    }

    @Test("a poll that times out carries the presence that waited")
    func timesOut() async throws {
        try await story { scene in
            let (since, turn) = try await paced(scene)
            try await scene.put(.offline)
            async let held = scene.held(since: since, timeout: .milliseconds(300))
            let end = turn.advanced(by: .milliseconds(-700))
            try await scene.fixture.eventually("the end is awaited") { scene.fixture.clock.nextWake == end }
            scene.fixture.clock.advanceMonotonic(by: .milliseconds(300))
            #expect(try await held.presence.map(\.presence) == [.offline])
        }
    }

    @Test("an initial sync and one that does not wait are neither delayed nor counted")
    func notHeld() async throws {
        try await story { scene in
            let (since, _) = try await paced(scene)
            try await scene.put(.offline)
            #expect(try await scene.held(since: since, timeout: .zero).presence.map(\.presence) == [.offline])
            let request = SyncRequest(timeout: .seconds(30), claim: .silent)
            let initial = try await scene.sync.sync(request, device: scene.device, connection: LastingConnection())
            #expect(initial.presence.map(\.presence) == [.offline])
        }
    }

    @Test("a peek's first state is answered at once")
    func firstStateOfAPeek() async throws {
        try await story(legacy: LegacyPolicy(isEnabled: false)) { scene in
            let start = try await scene.initial()
            let room = try #require(scene.fixture.notifier.ask { $0.profileRoom(of: scene.device.user) })
            try await scene.put(.busy)
            var since = start
            for _ in 0..<3 {
                _ = try await scene.fixture.peeks.peek(.id(room), by: scene.device)
                let first = try await scene.held(since: since)
                #expect(first.peeked.map(\.room) == [room])
                try await scene.fixture.peeks.unpeek(room, by: scene.device)
                let end = try await scene.held(since: first.nextBatch)
                #expect(end.left.map(\.room) == [room])
                since = end.nextBatch
            }
        }
    }

    @Test("from the sunset on, a sync holds no presence events")
    func sunset() async throws {
        let start = MatrixTimestamp(milliseconds: 1_760_000_000_000)
        try await story(legacy: LegacyPolicy(isEnabled: true, sunset: start.advanced(by: .seconds(60)))) { scene in
            try await scene.put(.busy)
            let request = SyncRequest(claim: .silent)
            let before = try await scene.sync.sync(request, device: scene.device, connection: LastingConnection())
            #expect(before.presence.count == 1)
            scene.fixture.clock.advanceWall(by: .seconds(60))
            let after = try await scene.sync.sync(request, device: scene.device, connection: LastingConnection())
            #expect(after.presence.isEmpty)
        }
    }
}

/// Whether something has happened.
private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

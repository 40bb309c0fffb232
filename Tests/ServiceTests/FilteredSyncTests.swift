import HearthStore
import MatrixModel
import PresenceCore
import SubscriptionCore
import Synchronization
import Testing

@testable import HearthRuntime
@testable import HearthServices

/// Held syncs whose filter leaves out what comes.
@Suite("Syncs with a filter")
struct FilteredSyncTests {
    private static let filter: JSONObject = ["account_data": ["not_types": ["org.example.*"]]]

    private static func service(_ fixture: ServiceFixture, admission: Admission = Admission()) -> SyncService {
        fixture.assembly.sync(
            presence: fixture.presence, timeouts: Timeouts(clock: fixture.clock), legacy: LegacyPolicy(isEnabled: false),
            admission: admission
        ) { _ in true }
    }

    @Test("what a held sync has looked at it does not look at again, and nor does the next one")
    func looksOnce() async throws {
        try await ServiceFixture.with { fixture in
            let (sync, device) = (Self.service(fixture), try await fixture.makeUser("alice"))
            let accountData = fixture.assembly.accountData(presence: fixture.presence)
            let start = try await sync.sync(SyncRequest(claim: .silent), device: device, connection: LastingConnection())
                .nextBatch
            let request = SyncRequest(
                since: start, timeout: .seconds(30), filter: try SyncFilter(parsing: Self.filter), claim: .silent)
            let held = try #require(sync.hold(request, device: device))
            defer { held.end() }
            guard case .sleep = try held.look(after: nil) else { throw Unexpected() }
            for number in 1...3 {
                try await accountData.set(EventType("org.example.\(number)"), content: [:], room: nil, of: device.user)
                guard case .read(let news) = try held.look(after: WakeUp(reason: .news)) else { throw Unexpected() }
                #expect(news.assembly.token?.position.next == fixture.notifier.position, "only the newest is read")
                let read = try await fixture.store.read { try news.assembly.response(reading: $0) }
                guard case .sleep = held.look(at: news, read: read) else { throw Unexpected() }
                guard case .sleep = try held.look(after: WakeUp(reason: .news)) else { throw Unexpected() }
            }
            guard case .answer(let response) = try held.look(after: WakeUp(reason: .timedOut)) else { throw Unexpected() }
            #expect(response.isEmpty)
            #expect(response.nextBatch.position == fixture.notifier.position)

            try await accountData.set("m.wanted", content: [:], room: nil, of: device.user)
            var next = request
            (next.since, next.timeout) = (response.nextBatch, .zero)
            let answer = try await sync.sync(next, device: device, connection: LastingConnection())
            #expect(answer.accountData.map(\.type) == ["m.wanted"])
        }
    }

    /// Says what is lent when a sync is about to sleep, and what was at most before.
    private final class Watched: ReadMeter {
        private let memory: AnswerMemory
        private let admission: Admission
        private let state = Mutex((sleeps: 0, most: 0, whileAsleep: 0))

        init(_ memory: AnswerMemory, admission: Admission) { (self.memory, self.admission) = (memory, admission) }

        var seen: (sleeps: Int, most: Int, whileAsleep: Int) { state.withLock { $0 } }

        func begin() async throws {}

        func end() {}

        func takes(_ bytes: Int) throws {
            try memory.takes(bytes)
            state.withLock { $0.most = max($0.most, admission.lentBytes) }
        }

        func mayBeginAgain(after error: any Error) async throws -> Bool { try await memory.mayBeginAgain(after: error) }

        func forgets() {
            memory.forgets()
            state.withLock { state in
                state.sleeps += 1
                state.whileAsleep = max(state.whileAsleep, admission.lentBytes)
            }
        }
    }

    @Test("a held sync that looked at a megabyte of what its filter leaves out holds none of it while it sleeps")
    func holdsNothing() async throws {
        try await ServiceFixture.with { fixture in
            let admission = Admission()
            let (sync, device) = (Self.service(fixture, admission: admission), try await fixture.makeUser("alice"))
            let accountData = fixture.assembly.accountData(presence: fixture.presence)
            let start = try await sync.sync(SyncRequest(claim: .silent), device: device, connection: LastingConnection())
                .nextBatch
            let request = SyncRequest(
                since: start, timeout: .seconds(30), filter: try SyncFilter(parsing: Self.filter), claim: .silent)
            let memory = AnswerMemory(admission: admission) { MemoryBorrower(user: device.user) }
            let watched = Watched(memory, admission: admission)
            async let answer = MeteredRead.$meter.withValue(watched) {
                try await sync.sync(request, device: device, connection: LastingConnection())
            }
            try await fixture.eventually("it sleeps") { watched.seen.sleeps == 1 }
            let text = String(repeating: "x", count: 60_000)
            for number in 1...18 {
                let sleeps = watched.seen.sleeps
                let type = EventType("org.example.\(number)")
                try await accountData.set(type, content: ["a": .string(text)], room: nil, of: device.user)
                try await fixture.eventually("it has looked and sleeps again") { watched.seen.sleeps > sleeps }
            }
            let seen = watched.seen
            #expect(seen.whileAsleep == 0)
            #expect((1...1_000_000).contains(seen.most), "no more than one look takes: \(seen.most) bytes")
            try await accountData.set("m.wanted", content: [:], room: nil, of: device.user)
            #expect(try await answer.accountData.map(\.type) == ["m.wanted"])
        }
    }

    @Test("a filter from before there were bounds is read, and used")
    func storedFilter() async throws {
        try await ServiceFixture.with { fixture in
            let (filters, user) = (fixture.assembly.filters(), try await fixture.makeUser("alice").user)
            let patterns = JSON.array((0..<3_500).map { .string("x\($0).*") })
            let json: JSONObject = ["room": ["timeline": ["not_types": patterns]]]
            await #expect(throws: AccountDataError.self) { try await filters.store(json, of: user) }
            let id = try await fixture.writer.perform { context in
                try context.transaction.filters.insert(json, for: user, at: context.age)
            }
            #expect(try await filters.json("\(id)", of: user) == json)
            #expect(try await !filters.filter("\(id)", of: user).timeline.includes(type: "x7.a", sender: nil))
        }
    }

    private struct Unexpected: Error {}
}

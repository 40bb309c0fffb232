import HearthServices
import Logging
import MatrixModel
import Synchronization
import TestSupport
import Testing

@Suite("Legacy presence and its end")
struct LegacyUseTests {
    private static let alice: UserID = {
        guard let alice = UserID("@alice:s") else { preconditionFailure("a user id") }
        return alice
    }()

    private static func time(_ milliseconds: Int64) -> MatrixTimestamp { MatrixTimestamp(milliseconds: milliseconds) }

    @Test(
        "the old way is served while it is on and its sunset has not come",
        arguments: [
            (true, nil, 0, true), (false, nil, 0, false), (true, 100, 99, true), (true, 100, 100, false),
            (true, 100, 101, false), (false, 100, 0, false),
        ] as [(Bool, Int64?, Int64, Bool)])
    func policy(isEnabled: Bool, sunset: Int64?, now: Int64, isServed: Bool) {
        let policy = LegacyPolicy(isEnabled: isEnabled, sunset: sunset.map(Self.time))
        #expect(policy.isServed(at: Self.time(now)) == isServed)
    }

    @Test("uses are counted by client, the most frequent first, with the first and the last")
    func counts() {
        var table = LegacyUseTable()
        table.used(by: "Old/1.0", of: Self.alice, at: Self.time(1))
        table.used(by: "New/2.0", of: Self.alice, at: Self.time(2))
        table.used(by: "Old/1.0", of: Self.alice, at: Self.time(3))
        table.used(by: nil, of: Self.alice, at: Self.time(4))
        table.used(by: "", of: Self.alice, at: Self.time(5))
        table.used(by: "Old/1.0", of: Self.alice, at: Self.time(6))
        let entries = table.all
        #expect(entries.map(\.client) == ["Old/1.0", "unknown", "New/2.0"])
        #expect(entries.map(\.count) == [3, 2, 1])
        #expect(entries.map(\.first) == [1, 4, 2].map(Self.time))
        #expect(entries.map(\.last) == [6, 5, 2].map(Self.time))
    }

    @Test("one user brings a few names, the rest is counted together, and names are short and printable")
    func bounded() throws {
        var table = LegacyUseTable(capacity: 20)
        let bob = try #require(UserID("@bob:s"))
        for number in 0..<5_000 { table.used(by: "made up \(number)", of: Self.alice, at: Self.time(0)) }
        #expect(table.all.count == 9)
        #expect(table.all.first?.client == "other")
        #expect(table.all.first?.count == 4_992)
        table.used(by: "Real/1.0", of: bob, at: Self.time(1))
        #expect(table.all.contains { $0.client == "Real/1.0" })
        var odd = LegacyUseTable()
        odd.used(by: "a\nb\u{1B}\u{E9}" + String(repeating: "x", count: 500), of: Self.alice, at: Self.time(0))
        #expect(odd.all[0].client.utf8.count == 128)
        #expect(odd.all[0].client.hasPrefix("a?b???x"))
    }

    @Test("where many users bring names, the stalest gives its place away, no use is lost, and what is in use stays")
    func crowded() throws {
        var table = LegacyUseTable(capacity: 20)
        for number in 0..<500 {
            table.used(by: "Real/1.0", of: Self.alice, at: Self.time(Int64(number)))
            let user = try #require(UserID("@u\(number / 8):s"))
            table.used(by: "made up \(number)", of: user, at: Self.time(Int64(number)))
        }
        #expect(table.all.count == 21)
        #expect(table.all.first { $0.client == "Real/1.0" }?.count == 500)
        #expect(table.all.reduce(0) { $0 + $1.count } == 1_000)
    }

    @Test("the counts are logged once an hour, and not when nothing came to them")
    func hourlyLog() async throws {
        let clock = TestClock()
        let lines = Lines()
        let use = LegacyUse(
            policy: LegacyPolicy(isEnabled: true), clock: clock, logger: Logger(label: "test") { _ in lines.handler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await use.run() }
            defer { use.stop() }
            use.used(by: "Old/1.0", of: Self.alice)
            use.used(by: "Old/1.0", of: Self.alice)
            for hour in 1...3 {
                let next = MonotonicTime(nanoseconds: 0).advanced(by: .seconds(3600 * hour))
                try await eventually("the service sleeps until hour \(hour)") { clock.nextWake == next }
                clock.advanceMonotonic(by: .seconds(3600))
                if hour == 2 { use.used(by: "New/2.0", of: Self.alice) }
            }
            let last = MonotonicTime(nanoseconds: 0).advanced(by: .seconds(3600 * 4))
            try await eventually("the third report is over") { clock.nextWake == last }
        }
        let reports = lines.all
        #expect(reports.count == 2)
        #expect(reports.first?["most_frequent"] == "Old/1.0: 2")
        #expect(reports.last?["uses"] == "3")
        #expect(reports.last?["since_last_report"] == "1")
        #expect(use.snapshot().map(\.count) == [2, 1])
    }

    private func eventually(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw Overdue(what: what) }
            await Task.yield()
        }
    }
}

/// Keeps the metadata of what is logged at info.
private final class Lines: Sendable {
    private let lines = Mutex<[Logger.Metadata]>([])

    var all: [Logger.Metadata] { lines.withLock { $0 } }

    func append(_ metadata: Logger.Metadata) { lines.withLock { $0.append(metadata) } }

    func handler() -> any LogHandler { Handler(lines: self) }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.append(event.metadata ?? [:]) }
    }
}

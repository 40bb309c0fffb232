import HearthStore
import Logging
import MatrixModel
import TestSupport
import Testing

@testable import HearthServices

@Suite("What goes by the server's age")
struct AgingRowsTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    /// The age of a server whose age began with the times of its rows.
    private static let age = ServerAge(milliseconds: 1_780_000_000_000)
    private static let day: Duration = .seconds(86_400)

    @Test("of a database from before, a week's purge deletes what is older than a week, whatever there is of it")
    func fromBefore() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice")
            let event = try #require(EventID("$event"))
            try await fixture.writer.perform { context in
                let store = context.transaction
                try store.clockMarks.insert(
                    ClockMark(age: Self.age, position: .zero, wall: context.now.wall.advanced(by: .seconds(-60))))
                for number in 0..<(2 * Purge.step + 500) {
                    let old = number < 2 * Purge.step + 100
                    try store.transactions.insert(
                        EventTransaction(device: alice, id: "\(number)"), scope: "s", event: event,
                        at: Self.age.advanced(by: .zero - (old ? Self.day * 8 : Self.day)))
                }
            }
            let again = try fixture.assembledAgain()
            let (next, purge) = (again.writer, again.purge(PurgeSettings()))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await next.run() }
                defer { next.close() }
                try await purge.purge()
                #expect(try await Self.remembered(by: alice, in: fixture.store) == 400)
                fixture.clock.advanceMonotonic(by: Self.day * 7)
                try await purge.purge()
                #expect(try await Self.remembered(by: alice, in: fixture.store) == 0)
            }
        }
    }

    private static func remembered(by device: DeviceKey, in store: Store) async throws -> Int {
        try await store.read { store in
            try (0..<(2 * Purge.step + 500)).count {
                try store.transactions.event(for: EventTransaction(device: device, id: "\($0)"), scope: "s") != nil
            }
        }
    }
}

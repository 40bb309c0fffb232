import HearthStore
import MatrixModel
import Synchronization
import Testing

@Suite("What reads take")
struct ReadMeterTests {
    private struct TooMuch: Error {}

    /// Counts, and ends the first read that takes more than it may.
    private final class Meter: ReadMeter {
        private let state: Mutex<(taken: Int, most: Int, again: Int)>

        init(most: Int) { state = Mutex((taken: 0, most: most, again: 0)) }

        var taken: Int { state.withLock(\.taken) }
        var again: Int { state.withLock(\.again) }

        func begin() async throws {}

        func end() {}

        func takes(_ bytes: Int) throws {
            try state.withLock { state in
                state.taken += bytes
                if state.taken > state.most { throw TooMuch() }
            }
        }

        func mayBeginAgain(after error: any Error) async throws -> Bool {
            guard error is TooMuch else { return false }
            state.withLock { $0 = (taken: 0, most: .max, again: $0.again + 1) }
            return true
        }

        func forgets() {}
    }

    private func store(_ body: @escaping @Sendable (Store) async throws -> Void) async throws {
        try await withStore { store in
            try await store.write { transaction in
                for number in 1...10 {
                    try transaction.accountData.set(
                        StoredAccountData(
                            user: TestNames.alice, room: nil, type: EventType("a.\(number)"),
                            content: ["a": .string(String(repeating: "x", count: 1_000))], position: StreamPosition(Int64(number))
                        ))
                }
            }
            try await body(store)
        }
    }

    private static func read(_ store: StoreTransaction) throws -> Int {
        try store.accountData.changes(of: TestNames.alice, after: .zero, upTo: StreamPosition(10)).count
    }

    @Test("every row is counted before it is taken, and a read that was ended begins again where it may")
    func counted() async throws {
        try await store { store in
            let meter = Meter(most: 5_500)
            let count = try await MeteredRead.$meter.withValue(meter) { try await store.read { try Self.read($0) } }
            #expect(count == 10)
            #expect(meter.again == 1)
            #expect((10_000..<12_000).contains(meter.taken), "\(meter.taken) bytes")
        }
    }

    @Test("what the server reads for itself is not counted, nor is what starts and tools read")
    func uncounted() async throws {
        try await store { store in
            let meter = Meter(most: 0)
            #expect(try await store.read { try Self.read($0) } == 10)
            let now = try MeteredRead.$meter.withValue(meter) { try store.readNow { try Self.read($0) } }
            #expect(now == 10)
            #expect(meter.taken == 0)
        }
    }
}

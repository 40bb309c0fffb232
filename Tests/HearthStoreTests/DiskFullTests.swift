import HearthStore
import MatrixModel
import Testing

@Suite("A full disk")
struct DiskFullTests {
    private static func accountData(_ number: Int64, bytes: Int) -> StoredAccountData {
        StoredAccountData(
            user: TestNames.alice, room: nil, type: EventType("test.\(number)"),
            content: ["text": .string(String(repeating: "x", count: bytes))], position: StreamPosition(number))
    }

    /// Writes until the store is full; returns how many transactions were kept.
    private static func fill(_ store: Store) async throws -> Int64 {
        try store.limitPages(to: try store.pageCount() + 20)
        for number: Int64 in 1...1000 {
            do {
                try await store.write { transaction in
                    try transaction.accountData.set(accountData(number, bytes: 3000))
                    try transaction.meta.setPosition(StreamPosition(number))
                }
            } catch StoreError.full {
                return number - 1
            }
        }
        Issue.record("the store never got full")
        return 0
    }

    private static func kept(in store: Store) throws -> Int {
        try store.readNow { try $0.accountData.changes(of: TestNames.alice, after: .zero, upTo: StreamPosition(.max)).count }
    }

    @Test("what does not fit is refused whole, and everything before it stays readable")
    func fullRefusesWhole() async throws {
        try await withStore { store in
            let kept = try await Self.fill(store)
            #expect(kept > 5)
            for attempt: Int64 in 1...3 {
                await #expect(throws: StoreError.full) {
                    try await store.write { transaction in
                        try transaction.meta.setPosition(StreamPosition(5000))
                        try transaction.accountData.set(Self.accountData(5000 + attempt, bytes: 100_000))
                    }
                }
            }
            #expect(try store.readNow { try $0.meta.position() } == StreamPosition(kept))
            #expect(try Self.kept(in: store) == Int(kept))
            #expect(StoreError.full.description.contains("free some space"))
        }
    }

    @Test("inside a nested part it is the same error, and the part after it does not go on as if nothing was")
    func fullInsideNested() async throws {
        try await withStore { store in
            let kept = try await Self.fill(store)
            await #expect(throws: StoreError.full) {
                try await store.write { transaction in
                    try transaction.nested { try transaction.meta.setPosition(StreamPosition(7000)) }
                    try transaction.nested { try transaction.accountData.set(Self.accountData(7001, bytes: 100_000)) }
                }
            }
            #expect(try store.readNow { try $0.meta.position() } == StreamPosition(kept))
            #expect(try Self.kept(in: store) == Int(kept))
        }
    }

    @Test("with room again it writes again, without being opened anew")
    func roomHeals() async throws {
        try await withStore { store in
            let kept = try await Self.fill(store)
            try store.limitPages(to: try store.pageCount() + 100)
            try await store.write { transaction in
                try transaction.accountData.set(Self.accountData(kept + 1, bytes: 100_000))
                try transaction.meta.setPosition(StreamPosition(kept + 1))
            }
            #expect(try Self.kept(in: store) == Int(kept) + 1)
            #expect(try store.synchronousLevel() == 2)
        }
    }

    @Test("a limit below what there is refuses growth and nothing else")
    func limitBelowSize() async throws {
        try await withStore { store in
            try await store.write { try $0.accountData.set(Self.accountData(1, bytes: 3000)) }
            try store.limitPages(to: 1)
            try await store.write { try $0.accountData.set(Self.accountData(1, bytes: 10)) }
            await #expect(throws: StoreError.full) {
                try await store.write { try $0.accountData.set(Self.accountData(2, bytes: 500_000)) }
            }
            #expect(try Self.kept(in: store) == 1)
        }
    }
}

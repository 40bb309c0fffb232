import HearthStore
import MatrixModel
import Testing

@Suite("Transactions of the store")
struct TransactionTests {
    private struct Refusal: Error, Equatable {}

    @Test("a transaction that throws leaves nothing, and hands the error on as it is")
    func throwingLeavesNothing() async throws {
        try await withStore { store in
            await #expect(throws: Refusal()) {
                try await store.write { transaction in
                    try transaction.meta.setPosition(StreamPosition(1))
                    throw Refusal()
                }
            }
            let position = try store.readNow { try $0.meta.position() }
            #expect(position == .zero)
        }
    }

    @Test("a nested part that throws takes back what it did and nothing of the rest")
    func nestedTakesBackItsOwn() async throws {
        try await withStore { store in
            try await store.write { transaction in
                try transaction.users.insert(TestNames.alice, passwordHash: nil, isAdmin: false, at: TestNames.time(1))
                #expect(throws: Refusal()) {
                    try transaction.nested {
                        try transaction.users.insert(TestNames.bob, passwordHash: nil, isAdmin: false, at: TestNames.time(1))
                        throw Refusal()
                    }
                }
                let value = try transaction.nested {
                    try transaction.users.insert(
                        TestNames.user("carol"), passwordHash: nil, isAdmin: false, at: TestNames.time(1))
                    return 7
                }
                #expect(value == 7)
            }
            #expect(try store.readNow { try $0.users.all() } == [TestNames.alice, TestNames.user("carol")])
        }
    }

    @Test("the database's own error inside a nested part comes out as the store's, without what was written")
    func nestedTranslatesDatabaseErrors() async throws {
        try await withStore { store in
            let error = try await store.write { transaction in
                #expect(throws: StoreError.self) {
                    try transaction.nested {
                        for _ in 0..<2 {
                            try transaction.users.insert(
                                TestNames.alice, passwordHash: "secret", isAdmin: false, at: TestNames.time(1))
                        }
                    }
                }
            }
            let sentence = try #require(error?.description)
            #expect(sentence.contains("SQLite error 1555") && !sentence.contains("alice") && !sentence.contains("secret"))
            #expect(try store.readNow { try $0.users.all() } == [])
        }
    }

    @Test("a read sees one state from its beginning to its end while the writer goes on")
    func readsAreConsistent() async throws {
        try await withStore { store in
            try store.readNow { early in
                #expect(try early.meta.position() == .zero)
                for position: Int64 in 1...20 {
                    try store.writeNow { later in
                        try later.users.insert(
                            TestNames.user("u\(position)"), passwordHash: nil, isAdmin: false, at: TestNames.time(1))
                        try later.meta.setPosition(StreamPosition(position))
                    }
                    #expect(try early.meta.position() == .zero)
                    #expect(try early.users.all().isEmpty)
                }
            }
            #expect(try store.readNow { try $0.meta.position() } == StreamPosition(20))
        }
    }

    @Test("readers that run beside a busy writer never see half a commit")
    func concurrentReadsSeeWholeCommits() async throws {
        try await withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for position: Int64 in 1...150 {
                        try await store.write { transaction in
                            try transaction.meta.setPosition(StreamPosition(position))
                            try transaction.users.insert(
                                TestNames.user("u\(position)"), passwordHash: nil, isAdmin: false, at: TestNames.time(position))
                        }
                    }
                }
                for _ in 0..<3 {
                    group.addTask {
                        var seen: Int64 = 0
                        while seen < 150 {
                            let (position, users) = try await store.read { transaction in
                                (try transaction.meta.position().rawValue, try transaction.users.all().count)
                            }
                            #expect(Int64(users) == position)
                            #expect(position >= seen)
                            seen = position
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

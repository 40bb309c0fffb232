import MatrixModel
import Testing

@testable import HearthStore

@Suite("Where ignoring ended")
struct EndsOfIgnoringTests {
    @Test("an older database opens with no ends, and keeps of each pair the last from then on")
    func ends() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "14 the server's own time")
        try database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO account_data VALUES
                    ('\(TestNames.alice)', '', 'm.ignored_user_list', CAST('{"ignored_users":{}}' AS BLOB), 1)
                    """)
        }
        try database.migrate()
        try database.write { db in
            let table = StoreTransaction(db: db).endsOfIgnoring
            #expect(try table.all().isEmpty)
            #expect(try StoreTransaction(db: db).accountData.all(.ignoredUsers).map(\.user) == [TestNames.alice])
            let carol = TestNames.user("carol")
            try table.set(TestNames.bob, by: TestNames.alice, to: StreamPosition(5))
            try table.set(TestNames.bob, by: TestNames.alice, to: StreamPosition(9))
            try table.set(carol, by: TestNames.alice, to: StreamPosition(7))
            try table.set(TestNames.alice, by: carol, to: StreamPosition(8))
            try table.delete(carol, by: TestNames.alice)
            #expect(
                try table.all() == [
                    TestNames.alice: [TestNames.bob: StreamPosition(9)], carol: [TestNames.alice: StreamPosition(8)],
                ])
            try table.deleteAll(by: TestNames.alice)
            #expect(try table.all() == [carol: [TestNames.alice: StreamPosition(8)]])
        }
    }
}

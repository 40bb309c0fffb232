import MatrixModel
import Testing

@testable import HearthStore

@Suite("Fields of profiles that programs write")
struct ProgramFieldsTests {
    private static func field(_ user: UserID, _ content: JSONObject?, at position: Int64 = 5) -> StoredProgramField {
        StoredProgramField(
            user: user, field: "m.call", content: content, position: StreamPosition(position), shownPosition: StreamPosition(3),
            isWithheld: content != nil, device: content == nil ? nil : TestNames.device("PHONE").device,
            written: TestNames.time(9))
    }

    @Test("a field is what was stored of it last, a removed one stays as such, and an account that ends takes its own along")
    func roundTrip() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.programFields
                for content in [["call_joined_ts": 1], nil, ["call_joined_ts": 2]] as [JSONObject?] {
                    let field = Self.field(TestNames.alice, content, at: content == nil ? 6 : 5)
                    try table.set(field)
                    #expect(try table.fields(of: TestNames.alice) == [field])
                }
                try table.set(Self.field(TestNames.bob, nil))
                #expect(try table.all().count == 2)
                try table.deleteAll(of: TestNames.alice)
                #expect(try table.all() == [Self.field(TestNames.bob, nil)])
            }
        }
    }

    @Test("a database from before has the table once it was opened, and what was stored is as it was")
    func migration() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "14 the server's own time")
        try database.write { db in
            #expect(try !db.connection.hasTable("program_fields"))
            try db.execute(sql: "INSERT INTO meta VALUES ('position', '77')")
        }
        try database.migrate()
        try database.write { db in
            let store = StoreTransaction(db: db)
            try store.programFields.set(Self.field(TestNames.alice, [:]))
            #expect(try store.programFields.all().count == 1)
            #expect(try db.value("SELECT value FROM meta WHERE key = 'position'") as String? == "77")
        }
    }
}

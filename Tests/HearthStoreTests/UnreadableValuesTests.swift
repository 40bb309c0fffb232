import MatrixModel
import RoomRules
import Testing

@testable import HearthStore

@Suite("Values that cannot be read")
struct UnreadableValuesTests {
    @Test("every column of bytes holds JSON that the doctor reads, or is known to be a hash")
    func columns() async throws {
        let hashes: Set = ["access_tokens.token_hash", "media.sha256"]
        try await withStore { store in
            let looker = try SQLiteFile(path: store.directory + "/hearth.db")
            let blobs = try looker.read { db in
                let tables =
                    try db.values("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") as [String]
                return try tables.flatMap { table in
                    try db.values("SELECT name FROM pragma_table_info('\(table)') WHERE type = 'BLOB'").map {
                        "\(table).\($0 as String)"
                    }
                }
            }
            #expect(Set(blobs).subtracting(hashes) == Set(JSONColumn.all.map { "\($0.table).\($0.column)" }))
        }
    }

    private static func content(_ depth: Int) -> JSONObject { ["x": (1..<depth).reduce(1) { value, _ in .array([value]) }] }

    @Test("what nests deeper than reading allows is not written")
    func tooDeep() async throws {
        try await withStore { store in
            try await store.write { transaction in
                func data(_ depth: Int) -> StoredAccountData {
                    StoredAccountData(
                        user: TestNames.alice, room: nil, type: "m.test", content: Self.content(depth),
                        position: StreamPosition(1))
                }
                try transaction.accountData.set(data(JSONParseOptions.storedDepth))
                #expect(throws: StoreError.tooDeep) { try transaction.accountData.set(data(JSONParseOptions.storedDepth + 1)) }
                let stored = try transaction.accountData.data(of: TestNames.alice, room: nil, type: "m.test")
                #expect(stored?.content == Self.content(JSONParseOptions.storedDepth))
                var room = try StoredRoom(in: transaction)
                #expect(throws: StoreError.tooDeep) {
                    try room.send(.message, Self.content(JSONParseOptions.storedDepth), at: 10, in: transaction)
                }
            }
        }
    }

    /// A room with a name, a message, and a member who is gone, of which some event is damaged.
    private func withDamaged(
        _ type: String, _ sql: String = "x'7B22'", _ body: (StoreTransaction, PersistedEvent) throws -> Void
    ) async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                try transaction.memberships.set(.join, of: TestNames.alice, in: TestNames.room, at: StreamPosition(2))
                try room.send(.name, key: "", ["name": "Den"], at: 10, in: transaction)
                try room.send(.historyVisibility, key: "", ["history_visibility": "shared"], at: 11, in: transaction)
                try room.send(.message, ["body": "x"], at: 12, in: transaction)
            }
            let looker = try SQLiteFile(path: store.directory + "/hearth.db")
            try looker.write { db in
                try db.execute(sql: "UPDATE events SET json = \(sql) WHERE type = ?", arguments: [type])
                #expect(db.changesCount == 1)
            }
            try store.writeNow { transaction in
                let position = try #require(
                    try transaction.db.value("SELECT position FROM events WHERE type = ?", [type]) as Int64?)
                try body(transaction, try #require(try transaction.events.event(at: StreamPosition(position))))
            }
        }
    }

    @Test(
        "an event that cannot be read is served without content, and beside it all others",
        arguments: ["x''", "x'7B22'", "x'FF'", "7", "CAST('{\"content\":[]}' AS BLOB)", "CAST('{\"content\":{\"a\":1' AS BLOB)"])
    func served(_ sql: String) async throws {
        try await withDamaged("m.room.message", sql) { transaction, event in
            #expect(event.content == [:] && event.sender == TestNames.alice)
            let all = try transaction.events.newest(99, in: TestNames.room, after: .zero, upTo: StreamPosition(99))
            #expect(all.count == 5)
            var bytes: [UInt8] = []
            event.write(to: &bytes, for: nil, withRoomID: true)
            #expect(try JSON(parsing: bytes).objectValue?["content"] == [:])
        }
    }

    @Test("an event that cannot be read can be redacted, and is whole again then")
    func redacted() async throws {
        try await withDamaged("m.room.name") { transaction, event in
            let standIn = try #require(try transaction.events.signed(at: event.position))
            #expect(!standIn.isReadable && standIn.id == event.eventID && standIn.stateKey == "")
            try transaction.events.replace(at: event.position, by: standIn.redacted(), unsigned: ["redacted_because": [:]])
            let again = try #require(try transaction.events.signed(at: event.position))
            #expect(again.isReadable && again.content == [:] && again.type == .name && again.roomID == TestNames.room)
        }
    }

    @Test("what decides about access is put on the safe side: who was a member still is one, and history is for members alone")
    func access() async throws {
        try await withDamaged("m.room.member") { transaction, event in
            #expect(event.membership == .join)
            let member = try transaction.events.signedState(.member(TestNames.alice), in: TestNames.room)
            #expect(member?.content == ["membership": "join"])
        }
        try await withDamaged("m.room.history_visibility") { _, event in
            #expect(event.content == ["history_visibility": "joined"])
        }
        try await withDamaged("m.room.create") { transaction, event in
            let create = try transaction.events.signedState(.create, in: TestNames.room)
            #expect(create?.sender == TestNames.alice && create?.roomID == TestNames.room && create?.version == .v11)
        }
    }

    @Test("an examination names what cannot be read, by table, row and user, and only when it is asked to look")
    func examination() async throws {
        try await withDamaged("m.room.name") { transaction, event in
            let path = try #require(try transaction.db.value("SELECT file FROM pragma_database_list") as String?)
            #expect(try StoreExamination(path: path, isThorough: false).unreadable == nil)
            let unreadable = try #require(try StoreExamination(path: path, isThorough: false, readsValues: true).unreadable)
            #expect(unreadable.count == 1)
            #expect(unreadable.first.map(\.description) == ["events.json \(event.eventID) of \(TestNames.alice)"])
        }
    }

    @Test("a migration passes over what cannot be read")
    func migration() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "10 an index of members")
        try database.write { db in
            let transaction = StoreTransaction(db: db)
            var room = try StoredRoom(in: transaction)
            try room.send(.name, key: "", ["name": "Den"], at: 10, in: transaction)
            try room.send(.topic, key: "", ["topic": "Tea"], at: 11, in: transaction)
            let message = try room.send(.message, ["body": "x"], at: 12, in: transaction)
            try room.send(
                "m.reaction", ["m.relates_to": ["rel_type": "m.annotation", "event_id": .string(message.eventID.rawValue)]],
                at: 13,
                in: transaction)
            try db.execute(sql: "UPDATE events SET json = x'7B22', unsigned = 7 WHERE type IN ('m.room.name', 'm.room.message')")
            try db.execute(sql: "DELETE FROM relations")
            for table in ["relations", "room_directory", "user_directory"] { try db.execute(sql: "DROP TABLE \(table)") }
            try db.execute(
                sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '% relations' OR identifier LIKE '% directories'")
        }
        try database.migrate()
        try database.read { db in
            let row = try db.row("SELECT name, topic FROM room_directory")
            #expect(row?.databaseValue("name") == .null && row?.databaseValue("topic") == .text("Tea"))
            #expect(try db.value("SELECT COUNT(*) FROM relations") as Int? == 1)
        }
    }
}

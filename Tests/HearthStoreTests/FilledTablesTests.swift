import MatrixModel
import RoomRules
import Testing

@testable import HearthStore

@Suite("Tables that a migration fills")
struct FilledTablesTests {
    @Test("relations and directories of an older database are what they would be had they always been kept")
    func filling() async throws {
        try await withDirectory { directory in
            let store = try Store(directory: directory, serverName: TestNames.server)
            let message = try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                let message = try room.send(.message, ["body": "x"], at: 10, in: transaction)
                let relation: JSONObject = [
                    "m.relates_to": ["rel_type": "m.annotation", "event_id": .string(message.eventID.rawValue), "key": "+"]
                ]
                try room.send("m.reaction", relation, at: 11, in: transaction)
                try room.send(.name, key: "", ["name": "Den"], at: 12, in: transaction)
                try room.send(.joinRules, key: "", ["join_rule": "public"], at: 13, in: transaction)
                try transaction.memberships.set(.join, of: TestNames.bob, in: TestNames.room, at: StreamPosition(2))
                var profile = try StoredRoom(
                    TestNames.otherRoom, owner: TestNames.bob, after: room.position, at: 20, in: transaction)
                try profile.send(.profile, key: "", ["displayname": "Robert"], at: 30, in: transaction)
                try transaction.users.insert(TestNames.bob, passwordHash: nil, isAdmin: false, at: TestNames.time(1))
                return message
            }
            try store.close()
            let queue = try SQLiteFile(path: directory + "/hearth.db")
            try queue.write { db in
                for table in ["relations", "room_directory", "user_directory", "room_search"] {
                    try db.execute(sql: "DROP TABLE \(table)")
                }
                for name in ["relations", "directories", "search texts"] {
                    try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '% \(name)'")
                }
            }
            try queue.close()

            let reopened = try Store(directory: directory, serverName: TestNames.server)
            try reopened.readNow { transaction in
                let related = try transaction.relations.page(
                    relatedTo: message.eventID, by: "m.annotation", ofType: "m.reaction", after: .zero, upTo: StreamPosition(99),
                    newestFirst: true, limit: 10)
                #expect(related.map(\.type) == ["m.reaction"])
                #expect(try transaction.roomDirectory.isPublished(TestNames.room) == false)
                #expect(try transaction.roomDirectory.isPublished(TestNames.otherRoom) == nil)
                let found = try transaction.userDirectory.search(["robert"], by: TestNames.alice, limit: 10)
                #expect(found.map(\.user) == [TestNames.bob])
                #expect(try transaction.userDirectory.entry(of: TestNames.bob)?.displayName == "Robert")
            }
            try reopened.writeNow { try $0.roomDirectory.setPublished(true, TestNames.room) }
            let listed = try reopened.readNow { transaction in
                try transaction.roomDirectory.published(holding: "DEN") { _ in true }.compactMap {
                    try transaction.roomDirectory.entry(of: $0)
                }
            }
            #expect(listed.map(\.name) == ["Den"])
            #expect(listed.first?.joinRule == "public")
            try reopened.close()
        }
    }

    @Test("rooms, lanes and events of an older database come back as they were")
    func lanes() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "10 an index of members")
        let (record, events, superseded) = try database.write { db in
            let transaction = StoreTransaction(db: db)
            var room = try StoredRoom(owner: TestNames.bob, in: transaction)
            let first = try room.send(.presence, key: "", ["presence": "online"], isLane: true, at: 2000, in: transaction)
            try room.send(.profile, key: "", ["displayname": "Bob"], at: 2001, in: transaction)
            try room.send(.presence, key: "", ["presence": "unavailable"], isLane: true, at: 2002, in: transaction)
            try room.send(.status, key: "", ["text": "tea"], isLane: true, at: 2003, in: transaction)
            return (room.record, try transaction.events.signed(in: TestNames.room), first.eventID)
        }
        try database.migrate()
        try database.read { db in
            let transaction = StoreTransaction(db: db)
            #expect(try transaction.rooms.room(TestNames.room)?.tips == record.tips)
            #expect(try transaction.rooms.room(TestNames.room)?.lastOriginServerTS == TestNames.time(2003))
            #expect(try transaction.events.signed(in: TestNames.room).map(\.json) == events.map(\.json))
            for event in events {
                let found = try transaction.events.event(event.id, in: TestNames.room)?.eventID
                #expect(found == (event.id == superseded ? nil : event.id))
            }
            #expect(try db.values("PRAGMA integrity_check") as [String] == ["ok"])
        }
    }

    @Test("rooms and users of an older database are found by the beginnings of their names, and keep the whole")
    func searchTexts() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "11 lanes out of rooms' rows and of the index of ids")
        let long = "Garden " + String(repeating: "x", count: 60_000) + " end"
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO room_directory (room_id, is_published, name, topic) VALUES (?, 1, ?, 'Sun')",
                arguments: [TestNames.room.rawValue, long])
            try db.execute(
                sql: "INSERT INTO room_directory (room_id, is_published, name) VALUES (?, 0, 'Garden of nobody')",
                arguments: [TestNames.otherRoom.rawValue])
            try db.execute(
                sql: "INSERT INTO user_directory (user_id, search_text, display_name) VALUES (?, ?, ?)",
                arguments: [TestNames.bob.rawValue, "\(TestNames.bob.rawValue)\n\(long.lowercased())", long])
        }
        try database.migrate()
        try database.read { db in
            let transaction = StoreTransaction(db: db)
            func rooms(_ term: String?) throws -> [RoomID] {
                try transaction.roomDirectory.published(holding: term) { $0 == nil }
            }
            #expect(try rooms("gardEN x") == [TestNames.room])
            #expect(try rooms("sun") == [TestNames.room])
            #expect(try rooms("end") == [])
            #expect(try rooms(nil) == [TestNames.room])
            #expect(try transaction.roomDirectory.entry(of: TestNames.room)?.name == long)
            let text = try db.value("SELECT search_text FROM user_directory") as String?
            #expect(text == "\(TestNames.bob.rawValue)\ngarden \(String(repeating: "x", count: 248))")
            #expect(try transaction.userDirectory.entry(of: TestNames.bob)?.displayName == long)
        }
    }

    @Test("rooms and users of an older database are found whatever the case and the accents' encoding of their names")
    func foldedSearchTexts() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "14 the server's own time")
        let (room, name) = ("Straße", "Zoe\u{308}")
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO room_directory (room_id, is_published, name) VALUES (?, 1, ?)",
                arguments: [TestNames.room.rawValue, room])
            try db.execute(
                sql: "INSERT INTO room_search (room_id, search_text) VALUES (?, ?)",
                arguments: [TestNames.room.rawValue, room.lowercased()])
            try db.execute(
                sql: "INSERT INTO user_directory (user_id, search_text, display_name) VALUES (?, ?, ?)",
                arguments: [TestNames.bob.rawValue, "\(TestNames.bob.rawValue)\n\(name.lowercased())", name])
            try StoreTransaction(db: db).users.insert(TestNames.bob, passwordHash: nil, isAdmin: false, at: TestNames.time(1))
            try StoreTransaction(db: db).memberships.set(.join, of: TestNames.bob, in: TestNames.room, at: StreamPosition(2))
            try db.execute(sql: "UPDATE room_directory SET join_rule = 'public'")
        }
        try database.migrate()
        try database.read { db in
            let transaction = StoreTransaction(db: db)
            for term in ["strasse", "STRASSE", "straße", "STRA\u{1E9E}E"] {
                #expect(try transaction.roomDirectory.published(holding: term) { _ in true } == [TestNames.room])
            }
            for term in ["zoë", "ZOË", "zoe\u{308}"] {
                let found = try transaction.userDirectory.search([term], by: TestNames.alice, limit: 10)
                #expect(found.map(\.user) == [TestNames.bob])
            }
            #expect(try transaction.users.list(containing: "\u{212A}", after: "", limit: 10).isEmpty)
            #expect(try transaction.users.list(containing: "BOB", after: "", limit: 10).map(\.userID) == [TestNames.bob])
        }
    }

    @Test("annotations of an older database are known, redacted ones are not, and erasures begin with none")
    func annotations() async throws {
        try await withDirectory { directory in
            let store = try Store(directory: directory, serverName: TestNames.server)
            let message = try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                let message = try room.send(.message, ["body": "x"], at: 10, in: transaction)
                for (time, key) in [(11, "+"), (12, "-")] as [(Int64, JSON)] {
                    try room.send(
                        "m.reaction",
                        [
                            "m.relates_to": [
                                "rel_type": "m.annotation", "event_id": .string(message.eventID.rawValue), "key": key,
                            ]
                        ], at: time, in: transaction)
                }
                let position = room.position
                let minus = try #require(try transaction.events.signed(at: position))
                try transaction.events.replace(at: position, by: minus.redacted(), unsigned: [:])
                return message
            }
            func check(_ store: Store) throws {
                let (known, erasures) = try store.readNow { transaction in
                    let asked: [(String, UserID)] = [("+", TestNames.alice), ("-", TestNames.alice), ("+", TestNames.bob)]
                    let known = try asked.map { key, user in
                        try transaction.annotations.exists(key, on: message.eventID, of: "m.reaction", by: user)
                    }
                    return (known, try transaction.erasures.erasures(of: [TestNames.alice]))
                }
                #expect(known == [true, false, false])
                #expect(erasures.isEmpty)
            }
            try check(store)
            try store.close()
            let queue = try SQLiteFile(path: directory + "/hearth.db")
            try queue.write { db in
                for table in ["annotations", "erasures"] {
                    try db.execute(sql: "DROP TABLE \(table)")
                    try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '% \(table)'")
                }
            }
            try queue.close()
            let reopened = try Store(directory: directory, serverName: TestNames.server)
            try check(reopened)
            try reopened.close()
        }
    }

    @Test("a receipt moves forward only, and a private one is read by its user alone")
    func receipts() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.receipts
                func advance(_ kind: Receipt.Kind, to event: Int64, at position: Int64, thread: String? = nil) throws -> Bool {
                    let receipt = Receipt(
                        user: TestNames.alice, kind: kind, event: TestNames.event("$\(event)"), time: TestNames.time(position),
                        thread: thread)
                    return try table.advance(
                        StoredReceipt(receipt, readUpTo: StreamPosition(event), position: StreamPosition(position)),
                        in: TestNames.room)
                }
                func seen(by user: UserID, after: Int64 = 0, upTo: Int64 = 99) throws -> [String] {
                    try table.changes(
                        in: TestNames.room, after: StreamPosition(after), upTo: StreamPosition(upTo), for: user
                    ).map(\.receipt.event.rawValue)
                }
                #expect(try advance(.read, to: 5, at: 10))
                #expect(try !advance(.read, to: 5, at: 11))
                #expect(try !advance(.read, to: 4, at: 12))
                #expect(try advance(.read, to: 3, at: 13, thread: "main"))
                #expect(try advance(.readPrivate, to: 7, at: 14))
                #expect(try seen(by: TestNames.alice) == ["$5", "$3", "$7"])
                #expect(try seen(by: TestNames.bob) == ["$5", "$3"])
                #expect(try seen(by: TestNames.alice, after: 10, upTo: 13) == ["$3"])
                var reaches: Set<[Int64]> = []
                try transaction.restoration.eachReach { reaches.insert([$0.readUpTo.rawValue, $0.position.rawValue]) }
                #expect(reaches == [[5, 13], [7, 14]])
                try table.deleteAll(of: TestNames.alice)
                #expect(try seen(by: TestNames.alice) == [])
            }
        }
    }
}

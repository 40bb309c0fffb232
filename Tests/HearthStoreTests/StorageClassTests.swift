import MatrixModel
import Testing

@testable import HearthStore

/// Of every table a row, in which one value after the other is of a class that Hearth never writes. Nothing traps, and the doctor names it.
@Suite("Values of another class")
struct StorageClassTests {
    private struct Column: Sendable, CustomTestStringConvertible {
        let table: String
        let name: String
        let type: String
        /// SQLite itself keeps other classes out of it.
        let isRowID: Bool

        var testDescription: String { "\(table).\(name)" }

        /// What takes the place of its value, as SQL; distinct in each row.
        var damages: [String] {
            switch type {
            case "INTEGER" where isRowID: ["9223372036854775807 - \"\(name)\""]
            case "INTEGER":
                [
                    "'x' || COALESCE(\"\(name)\", 1)", "CAST(COALESCE(\"\(name)\", 1) AS BLOB)", "COALESCE(\"\(name)\", 1) + 0.5",
                    "9223372036854775807 - COALESCE(\"\(name)\", 1)", "-9223372036854775807 + COALESCE(\"\(name)\", 1)",
                ]
            case "TEXT": ["CAST(\"\(name)\" AS BLOB)"]
            default: ["7", "'text'", "1.5"]
            }
        }
    }

    private static func columns(of database: SQLiteFile) throws -> [Column] {
        try database.read { db in
            let tables: [String] = try db.values(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'")
            return try tables.flatMap { table in
                let keys: Int? = try db.value("SELECT COUNT(*) FROM pragma_table_info('\(table)') WHERE pk > 0")
                return try db.rows("SELECT * FROM pragma_table_info('\(table)')") { row in
                    let isKey = try row["pk"] as Int > 0
                    return Column(
                        table: table, name: try row["name"], type: try row["type"],
                        isRowID: try isKey && keys == 1 && row["type"] == "INTEGER")
                }
            }
        }
    }

    /// What a column of this name holds in a row that Hearth would write.
    private static let usual: [String: String] = [
        "user_id": "'@alice:alpha.test'", "sender": "'@alice:alpha.test'", "signer": "'@bob:alpha.test'",
        "target_user": "'@alice:alpha.test'", "profile_owner": "'@alice:alpha.test'", "creator": "'@alice:alpha.test'",
        "ignored": "'@bob:alpha.test'", "room_id": "'!room:alpha.test'", "device_id": "'PHONE'", "event_id": "'$1'",
        "main_event_id": "'$1'", "main_named_by_lane": "'$1'", "target": "'$1'", "rooms.version": "'11'", "membership": "'join'",
        "presence_choices.kind": "'user'", "receipts.kind": "'m.read'", "usage.kind": "'media'", "presence": "'online'",
        "cross_signing_keys.usage": "'master'", "alias": "'#a:alpha.test'", "state_key": "''", "type": "'m.room.name'",
        "relation": "'m.annotation'", "meta.key": "'unfinished x'", "is_deactivated": "0", "is_deleted": "0", "is_lane": "0",
        "ended_position": "NULL", "expires_ts": "9000000", "unused_expires_ts": "9000000",

        "events.json": """
        CAST('{"auth_events":[],"content":{},"depth":1,"hashes":{"sha256":"x"},"origin_server_ts":1,"prev_events":[],\
        "room_id":"!room:alpha.test","sender":"@alice:alpha.test","signatures":{},"state_key":"","type":"m.room.name"}' AS BLOB)
        """,
        "thread_id": "''", "account_data.type": "'m.direct'", "signature": "'s'", "end_reason": "'expired'",
    ]

    /// A database with a row in every table.
    private static func filled() throws -> SQLiteFile {
        let database = try SQLiteFile.migrated()
        let tables = Dictionary(grouping: try columns(of: database), by: \.table)
        try database.write { db in
            for (table, columns) in tables {
                let values = columns.map { column in
                    usual["\(table).\(column.name)"] ?? usual[column.name]
                        ?? (column.type == "INTEGER" ? "1" : column.type == "TEXT" ? "'x'" : "CAST('{}' AS BLOB)")
                }
                try db.execute(sql: "INSERT INTO \(table) VALUES (\(values.joined(separator: ", ")))")
            }
        }
        return database
    }

    private static let (alice, bob, room) = (TestNames.alice, TestNames.bob, TestNames.room)
    private static let phone = TestNames.device("PHONE")
    private static let (start, end) = (StreamPosition.zero, StreamPosition(.max))
    private static let now = TestNames.time(1)

    /// Everything that is read.
    private static let reads: [@Sendable (StoreTransaction) throws -> Any?] = [
        { try $0.accountData.data(of: alice, room: nil, type: "m.direct") }, { try $0.accountData.all("m.direct") },
        { try $0.accountData.all(of: alice, in: room, upTo: end) },
        { try $0.accountData.changes(of: alice, after: start, upTo: end) },
        { try $0.accountData.size(of: alice, room: room, type: "m.direct") },
        { try $0.aliases.aliases(of: room) }, { try $0.aliases.count(by: alice, atMost: 9) },
        { try $0.aliases.room(RoomAlias("#a:alpha.test") ?? { preconditionFailure("an alias") }()) },
        { try $0.clockMarks.newest() }, { try $0.clockMarks.position(at: TestNames.age(9)) },
        { try $0.clockMarks.readings(at: TestNames.age(9), since: .zero) },
        { try $0.crossSigningKeys.keys(of: alice) }, { try $0.crossSigningKeys.publicKeys(of: alice) },
        { try $0.deviceKeys.keys(of: phone) }, { try $0.deviceKeys.all(of: alice) }, { try $0.deviceListChanges.all() },
        { try $0.devices.allTokens() }, { try $0.devices.device(phone) }, { try $0.devices.devices(of: alice) },
        { try $0.devices.devices(inContactSince: now) }, { try $0.devices.leastRecentlyUsed(of: alice, withKeys: true) },
        { try $0.endsOfIgnoring.all() }, { try $0.epochs.all() }, { try $0.erasures.erasures(of: [alice]) },
        { try $0.events.event(at: StreamPosition(1)) }, { try $0.events.signed(at: StreamPosition(1)) },
        { try $0.events.signed(in: room) }, { try $0.events.newest(9, in: room, after: start, upTo: end) },
        { try $0.events.state(of: room, at: end) },
        { try $0.events.purgeSupersededLane(after: start, upTo: end, limit: 9) },
        { try $0.fallbackKeys.unusedAlgorithms(of: phone) },
        { try $0.fallbackKeys.use("x", of: phone) }, { try $0.filters.filter(1, of: alice) },
        { try $0.filters.leastRecentlyUsed(of: alice) }, { try $0.filters.insert([:], for: alice, at: .zero) },
        { try $0.keyBackups.current(of: alice) }, { try $0.keyBackups.counted(1, of: alice) },
        { try $0.keyBackups.insert(algorithm: "a", authData: [:], of: alice) },
        { try $0.keyBackupSessions.sessions(of: 1, user: alice) }, { try $0.keyBackupSessions.deleteSome(1, of: alice) },
        { try $0.keySignatures.foreignSigners() }, { try $0.keySignatures.signatures(of: alice, for: bob) },
        { try $0.media.media(MediaID("x") ?? { preconditionFailure("a media id") }(), at: now) },
        { try NamedContent.all(in: $0.db) },
        { try $0.memberships.memberships(of: alice) }, { try $0.memberships.memberships(in: room) },
        { try $0.memberships.membership(of: alice, in: room) }, { try $0.memberships.counts(in: room) },
        { try $0.memberships.joined(in: room, after: start, limit: 9) }, { try $0.memberships.common(to: alice, and: alice) },
        { try $0.meta.unfinished() }, { try $0.meta.position() },
        { try $0.oneTimeKeys.counts(of: phone) }, { try $0.oneTimeKeys.nextUpload(of: phone) },
        { try $0.oneTimeKeys.bytes(of: phone) },
        { try $0.oneTimeKeys.key("x", "x", of: phone) }, { try $0.oneTimeKeys.take("x", of: phone) }, { try $0.peeks.all() },
        { try $0.peeks.live(of: phone) }, { try $0.peeks.liveIntoProfiles(of: alice) },
        { try $0.presenceChoices.all() }, { try $0.programFields.all() }, { try $0.pushers.all() },
        { try $0.pushers.names(of: alice) },
        { try $0.pushNotices.candidates(for: bob, after: start, limit: 9) },
        { try $0.receipts.changes(in: room, after: start, upTo: end, for: alice) }, { try $0.registrationTokens.all() },
        { try $0.registrationTokens.isValid("x", at: now) }, { try $0.roomDirectory.entry(of: room) },
        { try $0.roomDirectory.published(holding: "x") { _ in true } }, { try $0.roomDirectory.isPublished(room) },
        { try $0.rooms.all() }, { try $0.rooms.room(room) }, { try $0.rooms.profileRoom(of: alice) },
        { try $0.rooms.profileRooms() },
        { try $0.state.events(in: room) }, { try $0.state.event(StateKey(.name), in: room) },
        { try $0.state.sender(of: StateKey(.name), in: room) }, { try $0.toDevice.mailboxes() },
        { try $0.toDevice.first(to: phone) },
        { try $0.toDevice.messages(to: phone, after: start, upTo: end, limit: 9) }, { try $0.toDevice.bytesWaiting(for: phone) },
        { try $0.toDevice.makeRoom(ofSender: alice, most: 0, before: end) },
        { try $0.toDevice.purgeTransactions(before: TestNames.age(9), at: TestNames.age(9), limit: 9) },
        { try $0.transactions.event(for: EventTransaction(device: phone, id: "x"), scope: "x") },
        { try $0.usage.usage(of: alice, .media) }, { try $0.userDirectory.entry(of: alice) },
        { try $0.userDirectory.search(["x"], by: bob, limit: 9) }, { try $0.users.all() }, { try $0.users.user(alice) },
        { try $0.users.list(containing: "", after: "", limit: 9) }, { try $0.users.withoutProfileRoom() },
        { try $0.restoration.eachProfileRoom { _, _ in } }, { try $0.restoration.eachRoom { _, _ in } },
        { try $0.restoration.eachNotice(9) { _, _ in } }, { try $0.restoration.eachSender { _, _, _ in } },
        { try $0.restoration.eachMembership { _, _ in } }, { try $0.restoration.eachReach { _ in } },
        { try $0.restoration.eachAccountDataChange { _, _ in } }, { try $0.restoration.eachAccountData("m.direct") { _ in } },
        { try $0.restoration.eachOneTimeKeyCount { _, _, _ in } }, { try $0.restoration.eachUnusedFallbackKey { _, _ in } },
        { try $0.restoration.eachPresence { _ in } },
    ]

    /// Reads everything; what cannot be read is passed over, or an error that names it.
    private static func readAll(_ db: Database) throws {
        for (number, read) in reads.enumerated() {
            do {
                _ = try StoreTransaction(db: db).nested { try read(StoreTransaction(db: db)) }
            } catch let error as StoreError {
                if case .corrupt(let place) = error {
                    #expect(place.contains("."), "read \(number): \(place)")
                } else {
                    Issue.record("read \(number): \(error)")
                }
            }
        }
    }

    @Test("a usual row of every table can be read, and is found by what looks for it")
    func usualRows() throws {
        let database = try Self.filled()
        #expect(try database.read { try StoreExamination.unreadable(in: $0).first.map(\.description) } == [])
        try database.write { db in
            for (number, read) in Self.reads.enumerated() {
                #expect(throws: Never.self, "read \(number)") { try read(StoreTransaction(db: db)) }
            }
        }
    }

    private struct Undone: Error {}

    /// Columns that are damaged together: of each table one.
    private static func rounds(_ columns: [Column]) -> [[(column: Column, damage: String)]] {
        let tables = Dictionary(
            grouping: columns.flatMap { column in column.damages.map { (column: column, damage: $0) } }, by: \.column.table)
        return (0..<(tables.values.map(\.count).max() ?? 0)).map { round in
            tables.keys.sorted().compactMap { table in tables[table].flatMap { round < $0.count ? $0[round] : nil } }
        }
    }

    @Test("whatever class a value is of, reading never traps, and an examination names table and column")
    func wrongClasses() throws {
        let database = try Self.filled()
        for round in Self.rounds(try Self.columns(of: database)) {
            do {
                try database.write { db in
                    for (column, damage) in round {
                        try db.execute(sql: "UPDATE \(column.table) SET \"\(column.name)\" = \(damage)")
                    }
                    let places = try StoreExamination.unreadable(in: db).first.map(\.place)
                    for (column, damage) in round {
                        #expect(places.contains("\(column.table).\(column.name)"), "\(column.testDescription) = \(damage)")
                    }
                    try Self.readAll(db)
                    throw Undone()
                }
            } catch is Undone {}
        }
    }

    @Test("a value names its table and column, whatever statement found it")
    func places() {
        #expect(Row.place("a", in: "SELECT a FROM users WHERE b = ?") == "users.a")
        #expect(Row.place("a", in: "SELECT COUNT(*) AS a FROM (SELECT 1 FROM users)") == "users.a")
        #expect(Row.place("a", in: "INSERT INTO usage (a) VALUES (?) RETURNING a") == "usage.a")
        #expect(Row.place("1", in: "SELECT 1") == "1")
    }

    @Test("a number beyond what JSON can say is none of Hearth's, and a text with U+0000 reaches no database")
    func bounds() throws {
        #expect(Int64.fromStored(.integer(9_007_199_254_740_992)) != nil)
        #expect(Int64.fromStored(.integer(9_007_199_254_740_993)) == nil)
        #expect(Int64.fromStored(.integer(.min)) == nil)
        let database = try SQLiteFile.migrated()
        try database.write { db in
            #expect(throws: StoreError.unstorable) { try db.run("DELETE FROM meta WHERE key = ?", ["a\u{0}b"]) }
            #expect(throws: StoreError.unstorable) { try db.row("SELECT * FROM meta WHERE key = ?", ["\u{0}"]) }
        }
    }
}

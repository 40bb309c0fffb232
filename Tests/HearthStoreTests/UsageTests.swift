import MatrixModel
import Testing

@testable import HearthStore

@Suite("What users take of what is bounded")
struct UsageTests {
    private static let alice = TestNames.user("alice")
    private static let bob = TestNames.user("bob")
    private static let users = [alice, bob, TestNames.user("carol")]
    private static let devices = users.flatMap { user in ["PHONE", "TABLET"].map { TestNames.device($0, of: user) } }
    private static let rooms: [RoomID?] = [nil, TestNames.room, TestNames.otherRoom]
    private static let types: [EventType] = ["m.tag", "org.example.späti", "org.example", .fullyRead]

    /// One row of a counting table, in words.
    private static func counters(_ db: Database) throws -> [String] {
        try db.rows("SELECT * FROM usage WHERE bytes <> 0 OR items <> 0 ORDER BY user_id, kind") { "\($0)" }
            + db.rows("SELECT * FROM to_device_shares ORDER BY user_id, device_id, sender") { "\($0)" }
    }

    /// The counters as the migration would make them of the rows that there are.
    private static func counted(_ db: Database) throws -> [String] {
        for table in ["usage", "to_device_shares"] { try db.execute(sql: "DELETE FROM \(table)") }
        for sql in Schema.quotaCounts { try db.execute(sql: sql) }
        return try counters(db)
    }

    @Test(
        "whatever is stored and deleted, in whatever order, the counters are the sums of the rows",
        arguments: 1...8 as ClosedRange<UInt64>)
    func walk(seed: UInt64) throws {
        let database = try SQLiteFile()
        try database.migrate()
        var random = SeededRandom(seed: seed)
        try database.write { db in
            var step = Walk(store: StoreTransaction(db: db))
            for number in 1...400 {
                try step.take(&random)
                if number % 10 > 0 { continue }
                let kept = try Self.counters(db)
                #expect(try Self.counted(db) == kept, "seed \(seed), step \(number)")
            }
        }
    }

    @Test("an older database is counted when it is opened")
    func migration() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "11 lanes out of rooms' rows and of the index of ids")
        try database.write { db in
            for sql in [
                "INSERT INTO account_data VALUES ('@a:x', '', 'm.direct', CAST('{}' AS BLOB), 1)",
                "INSERT INTO account_data VALUES ('@a:x', '!r', 'm.fully_read', CAST('{\"event_id\":\"$e\"}' AS BLOB), 2)",
                "INSERT INTO to_device_messages VALUES ('@a:x', 'D', 3, '@b:x', 't', CAST('{\"n\":1}' AS BLOB))",
                "INSERT INTO to_device_messages VALUES ('@a:x', 'D', 4, '@b:x', 't', CAST('{}' AS BLOB))",
                "INSERT INTO to_device_transactions VALUES ('@b:x', 'E', 't', '1', 1760000000000)",
                "INSERT INTO media VALUES ('one', '@a:x', 1, NULL, CAST('hash' AS BLOB), 70, 'text/plain', NULL)",
                "INSERT INTO media VALUES ('two', '@a:x', 1, 99, NULL, NULL, NULL, NULL)",
                "INSERT INTO filters VALUES ('@a:x', 7, CAST('{}' AS BLOB), 1760000000000)",
            ] {
                try db.execute(sql: sql)
            }
        }
        try database.migrate()
        try database.read { db in
            let store = StoreTransaction(db: db)
            let (a, b) = (try #require(UserID("@a:x")), try #require(UserID("@b:x")))
            #expect(try store.usage.usage(of: a, .accountData) == Usage(bytes: 2 + 8, items: 1))
            #expect(try store.usage.usage(of: a, .media) == Usage(bytes: 70, items: 1))
            #expect(try store.usage.usage(of: b, .toDeviceSent) == Usage(bytes: 7 + 2 + 2048, items: 2))
            #expect(try store.usage.usage(of: b, .toDeviceTransactions) == Usage(items: 1))
            let device = DeviceKey(user: a, device: try #require(DeviceID("D")))
            #expect(try store.toDevice.bytesWaiting(for: device) == 2057)
            #expect(try store.toDevice.bytesWaiting(for: device, from: b) == 2057)
            // The server is as old as its newest row.
            #expect(try store.filters.filter(7, of: a)?.lastUsed == store.clockMarks.newest()?.age)
        }
    }

    @Test("a full mailbox gives up the oldest of who has most in it, and what was just sent stays")
    func fullMailbox() throws {
        let database = try SQLiteFile()
        try database.migrate()
        try database.write { db in
            let table = StoreTransaction(db: db).toDevice
            let device = Self.devices[0]
            func send(_ sender: UserID, bytes: Int, at position: Int64) throws {
                let content: JSONObject = ["x": .string(String(repeating: "x", count: bytes))]
                try table.insert(
                    ToDeviceMessage(sender: sender, type: "t", content: content), to: device, at: StreamPosition(position))
                try table.makeRoom(for: device, most: 64_000, before: StreamPosition(position))
            }
            try send(Self.bob, bytes: 100, at: 1)
            for position in 2...40 as ClosedRange<Int64> { try send(Self.users[2], bytes: 10_000, at: position) }
            try send(Self.bob, bytes: 100, at: 41)
            let left = try table.messages(to: device, after: .zero, upTo: StreamPosition(99), limit: 99)
            #expect(left.filter { $0.message.sender == Self.bob }.map(\.position.rawValue) == [1, 41])
            let others = left.filter { $0.message.sender != Self.bob }.map(\.position.rawValue)
            #expect(others.last == 40 && (2...5).contains(others.count) && others == Array((41 - Int64(others.count))...40))
            #expect(try table.bytesWaiting(for: device) <= 64_000)
        }
    }

    @Test("who has too much waiting everywhere gives up the oldest of the fullest mailboxes, and nobody else anything")
    func fullSender() throws {
        let database = try SQLiteFile()
        try database.migrate()
        try database.write { db in
            let table = StoreTransaction(db: db).toDevice
            func send(_ sender: UserID, to device: Int, at position: Int64) throws {
                let message = ToDeviceMessage(sender: sender, type: "t", content: [:])
                try table.insert(message, to: Self.devices[device], at: StreamPosition(position))
            }
            // The device that fetches got its two messages before all others; two never fetch.
            for position in 1...2 as ClosedRange<Int64> { try send(Self.bob, to: 0, at: position) }
            for position in 3...12 as ClosedRange<Int64> { try send(Self.bob, to: 1, at: position) }
            for position in 13...18 as ClosedRange<Int64> { try send(Self.bob, to: 2, at: position) }
            for position in 20...29 as ClosedRange<Int64> { try send(Self.alice, to: 1, at: position) }
            let trimmed = try table.makeRoom(ofSender: Self.bob, most: 10 * 1026 + 50, before: StreamPosition(18))
            #expect(trimmed == Set(Self.devices[1...2]))
            let left = try Self.devices[0..<3].map {
                try table.messages(to: $0, after: .zero, upTo: StreamPosition(99), limit: 99).map(\.position.rawValue)
            }
            #expect(left == [[1, 2], [9, 10, 11, 12] + Array(20...29), [15, 16, 17, 18]])
            #expect(try table.makeRoom(ofSender: Self.bob, most: 10 * 1026 + 50, before: StreamPosition(18)).isEmpty)
        }
    }

    @Test(
        "of the largest shares so much is cut that they give up what is asked together",
        arguments: [
            ([10, 2, 1], 8, 2), ([10, 2, 1], 9, 1), ([10, 9, 1], 5, 7), ([5, 5, 5], 3, 4), ([5], 0, 5), ([5, 4], 9, 0),
            ([5, 4], 99, 0),
            ([], 7, 0),
        ] as [([Int64], Int64, Int64)])
    func level(shares: [Int64], taken: Int64, level: Int64) {
        #expect(ToDeviceTable.level(of: shares, toTake: taken) == level)
    }

    @Test("what is said to be waiting is what waits, for each device, and both shares and the sender's use are counted once")
    func manyAtOnce() throws {
        let database = try SQLiteFile()
        try database.migrate()
        try database.write { db in
            let store = StoreTransaction(db: db)
            for position in 1...3 as ClosedRange<Int64> {
                let contents = Dictionary(
                    uniqueKeysWithValues: try Self.devices.enumerated().map {
                        ($1, try EncodedContent(["n": .integer(Int64($0))]))
                    })
                let sender = position == 2 ? Self.alice : Self.bob
                let waiting = try store.toDevice.insert(contents, of: "t", from: sender, at: StreamPosition(position))
                for device in Self.devices {
                    #expect(try waiting[device] == store.toDevice.bytesWaiting(for: device))
                    #expect(waiting[device] == position * (7 + 1024))
                }
            }
            #expect(try store.usage.usage(of: Self.bob, .toDeviceSent) == Usage(bytes: 12 * (7 + 1024), items: 12))
            #expect(try Self.counters(db) == Self.counted(db))
        }
    }

    @Test("what the server writes itself is none of a user's types of account data, and counts nothing")
    func managedTypes() throws {
        let database = try SQLiteFile()
        try database.migrate()
        try database.write { db in
            let store = StoreTransaction(db: db)
            for (number, type) in (["m.direct", .pushRules, .fullyRead, "m.tag"] as [EventType]).enumerated() {
                try store.accountData.set(
                    StoredAccountData(
                        user: Self.alice, room: nil, type: type, content: [:], position: StreamPosition(Int64(number + 1))))
            }
            #expect(try store.accountData.typeCount(of: Self.alice, room: nil, atMost: 9) == 2)
            #expect(try store.usage.usage(of: Self.alice, .accountData).items == 2)
        }
    }

    /// One random step after the other.
    private struct Walk {
        let store: StoreTransaction
        var position: Int64 = 0

        mutating func take(_ random: inout SeededRandom) throws {
            position += 1
            let at = StreamPosition(position)
            let user = UsageTests.users[random.below(3)]
            let device = UsageTests.devices[random.below(6)]
            let content: JSONObject = ["x": .string(String(repeating: "é", count: random.below(60)))]
            let version = Int64(random.below(4) + 1)
            let room = TestNames.room
            let age = ServerAge(milliseconds: position)
            switch random.below(16) {
            case 0, 1:
                let data = StoredAccountData(
                    user: user, room: UsageTests.rooms[random.below(3)], type: UsageTests.types[random.below(4)],
                    content: content,
                    position: at)
                try store.accountData.set(data)
            case 2: if random.below(8) == 0 { try store.accountData.deleteAll(of: user) }
            case 3, 4, 5:
                try store.toDevice.insert(ToDeviceMessage(sender: user, type: "t", content: content), to: device, at: at)
            case 6: try store.toDevice.delete(to: device, upTo: StreamPosition(Int64(random.below(Int(position) + 1))))
            case 7: try store.toDevice.makeRoom(for: device, most: 4_000, before: at)
            case 8: _ = try store.toDevice.makeRoom(ofSender: user, most: 9_000, before: at)
            case 9: if random.below(8) == 0 { try store.toDevice.deleteAll(of: device) }
            case 10:
                _ = try store.toDevice.begin(EventTransaction(device: device, id: "\(random.below(50))"), type: "t", at: age)
                if random.below(4) == 0 { try store.toDevice.trimTransactions(of: user, to: 6) }
                guard random.below(9) == 0 else { break }
                _ = try store.toDevice.purgeTransactions(before: age.advanced(by: .milliseconds(-100)), at: age, limit: 5)
            case 11: _ = try store.keyBackups.insert(algorithm: "a", authData: content, of: user)
            case 12:
                try store.keyBackups.setAuthData(content, of: version, user: user)
                if random.below(3) == 0 { try store.keyBackups.delete(version, of: user) }
                if random.below(12) == 0 {
                    while try store.keyBackupSessions.deleteSome(3, of: user) == 3 {}
                    try store.keyBackups.deleteVersions(of: user)
                }
            case 13:
                let place = KeyBackupSessionsTable.Place(user: user, version: version, room: room, session: "s\(random.below(4))")
                let session = BackedUpSession(firstMessageIndex: 1, forwardedCount: 0, isVerified: false, sessionData: content)
                try store.keyBackupSessions.set(session, at: place)
            case 14:
                let session = random.below(2) == 0 ? "s1" : nil
                _ = try store.keyBackupSessions.delete(of: version, user: user, room: room, session: session)
            default:
                let id = try #require(MediaID("m\(position)"))
                let media = MediaContent(hash: [1], size: position, contentType: "a/b", fileName: nil)
                if random.below(2) == 0 { return try store.media.insert(id, owner: user, content: media, at: TestNames.time(1)) }
                try store.media.insertUnused(id, owner: user, at: TestNames.time(1), expires: TestNames.time(9))
                if random.below(2) == 0 { #expect(try store.media.fill(id, with: media)) }
            }
        }
    }
}

/// Numbers that a seed decides.
private struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }
}

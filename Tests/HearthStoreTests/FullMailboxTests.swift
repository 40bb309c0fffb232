import MatrixModel
import Testing

@testable import HearthStore

@Suite("The work of making room in full mailboxes")
struct FullMailboxTests {
    private static let alice = TestNames.user("alice")
    private static let phone = TestNames.device("PHONE", of: alice)

    private static func sender(_ number: Int) -> UserID { TestNames.user("sender\(number)") }

    private static func send(
        from sender: UserID, to device: DeviceKey, at position: Int64, in table: ToDeviceTable
    ) throws {
        try table.insert(
            ToDeviceMessage(sender: sender, type: "t", content: [:]), to: device, at: StreamPosition(position))
    }

    @Test("a mailbox with as much of each of many senders gives up the oldest of all, and is gone through once for all of it")
    func equalShares() throws {
        let database = try SQLiteFile()
        try database.migrate()
        try database.write { db in
            let table = StoreTransaction(db: db).toDevice
            for position in 1...4_000 as ClosedRange<Int64> {
                try Self.send(from: Self.sender(Int(position) % 1_000), to: Self.phone, at: position, in: table)
            }
            let all = try table.bytesWaiting(for: Self.phone)
            let hundreds = try db.connection.hundredsOfSteps {
                try table.makeRoom(for: Self.phone, most: all - 1, before: StreamPosition(4_000))
            }
            let left = try table.messages(to: Self.phone, after: .zero, upTo: StreamPosition(9_999), limit: 9_999)
            #expect(left.map(\.position.rawValue) == Array(126...4_000), "a thirty-second of the mailbox, from its beginning")
            #expect(try table.bytesWaiting(for: Self.phone) == Int64(left.count) * 1_026)
            #expect(hundreds < 1_000, "\(hundreds) hundreds of steps")
        }
    }

    @Test("who has most in a mailbox gives it up, however many others have a little, older ones among it")
    func oneHasMost() throws {
        let database = try SQLiteFile()
        try database.migrate()
        try database.write { db in
            let table = StoreTransaction(db: db).toDevice
            for position in 1...200 as ClosedRange<Int64> {
                try Self.send(from: Self.sender(Int(position)), to: Self.phone, at: position, in: table)
            }
            let bob = TestNames.user("bob")
            for position in 201...400 as ClosedRange<Int64> { try Self.send(from: bob, to: Self.phone, at: position, in: table) }
            try table.makeRoom(for: Self.phone, most: 300 * 1_026, before: StreamPosition(401))
            let left = try table.messages(to: Self.phone, after: .zero, upTo: StreamPosition(999), limit: 999)
            #expect(left.filter { $0.message.sender != bob }.count == 200)
            let his = left.filter { $0.message.sender == bob }.map(\.position.rawValue)
            #expect(his == Array(311...400), "a hundred messages too many, and a thirty-second of the rest")
        }
    }

    @Test("a sender with too much in many mailboxes is cut without going through what others have in there")
    func manyMailboxes() throws {
        let database = try SQLiteFile()
        try database.migrate()
        try database.write { db in
            let table = StoreTransaction(db: db).toDevice
            let devices = (0..<60).map { TestNames.device("D\($0)", of: Self.alice) }
            var position: Int64 = 0
            for device in devices {
                for number in 0..<60 {
                    position += 1
                    try Self.send(from: Self.sender(number), to: device, at: position, in: table)
                }
            }
            let bob = TestNames.user("bob")
            for _ in 0..<2 {
                for device in devices {
                    position += 1
                    try Self.send(from: bob, to: device, at: position, in: table)
                }
            }
            let sent = try StoreTransaction(db: db).usage.usage(of: bob, .toDeviceSent).bytes
            let hundreds = try db.connection.hundredsOfSteps {
                let trimmed = try table.makeRoom(ofSender: bob, most: sent * 3 / 4, before: StreamPosition(position))
                #expect(trimmed == Set(devices.prefix(31)), "the oldest quarter goes, and a little more")
            }
            #expect(hundreds < 200, "\(hundreds) hundreds of steps")
        }
    }
}

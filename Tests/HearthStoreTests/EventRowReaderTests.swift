import MatrixModel
import RoomRules
import Testing

@testable import HearthStore

@Suite("Many events at once")
struct EventRowReaderTests {
    private static func bytes(of event: PersistedEvent, for reader: DeviceKey) -> [UInt8] {
        var output: [UInt8] = []
        event.write(to: &output, for: reader, withRoomID: true)
        return output
    }

    /// A room with an event of each kind, two of which are damaged.
    private static func fill(_ transaction: StoreTransaction) throws {
        var room = try StoredRoom(in: transaction)
        let sent = EventTransaction(device: TestNames.device("PHONE"), id: "t \u{1F375}")
        try room.send(.message, ["body": "tea \u{1F375} \"x\"\u{0}"], at: 10, transaction: sent, in: transaction)
        try room.send("test.state", key: "cafe\u{301}\u{1}", ["n": 9_007_199_254_740_991], at: 11, in: transaction)
        let regretted = try room.send(.message, ["body": "regretted"], at: 12, in: transaction)
        let signed = try #require(try transaction.events.signed(at: regretted.position))
        try transaction.events.replace(
            at: regretted.position, by: signed.redacted(), unsigned: ["redacted_because": ["why": ["asked"]]])
        try room.send(.name, key: "", ["name": "Den"], at: 13, in: transaction)
        try room.send(.topic, key: "", ["topic": ""], at: 14, in: transaction)
        try transaction.db.execute(sql: "UPDATE events SET json = x'7B22' WHERE type = 'm.room.name'")
        try transaction.db.execute(sql: "UPDATE events SET unsigned = 7 WHERE type = 'm.room.topic'")
    }

    private static let (start, end) = (StreamPosition.zero, StreamPosition(99))

    @Test("events that are read together are those that are read one by one, byte for byte, damaged ones too")
    func sameAsAlone() async throws {
        try await withStore { store in
            try store.writeNow { transaction in
                try Self.fill(transaction)
                let together = try transaction.events.oldest(99, in: TestNames.room, after: Self.start, upTo: Self.end)
                #expect(together.count == 7)
                for event in together {
                    let alone = try #require(try transaction.events.event(at: event.position))
                    #expect(event.transaction == alone.transaction && event.roomID == alone.roomID)
                    #expect(event.sender == alone.sender && event.sender.server == alone.sender.server)
                    #expect(event.membership == alone.membership && event.isLane == alone.isLane)
                    for device in ["PHONE", "LAPTOP"].map({ TestNames.device($0) }) {
                        #expect(Self.bytes(of: event, for: device) == Self.bytes(of: alone, for: device))
                    }
                }
            }
        }
    }

    @Test("events that are known are not made again, and all others are read", arguments: 0..<8)
    func known(_ count: Int) async throws {
        try await withStore { store in
            try store.writeNow { transaction in
                try Self.fill(transaction)
                let known = try transaction.events.newest(count, in: TestNames.room, after: Self.start, upTo: Self.end)
                let whole = try transaction.events.state(of: TestNames.room, at: Self.end)
                let state = try transaction.events.state(of: TestNames.room, at: Self.end, knowing: known)
                #expect(state.map(\.position) == whole.map(\.position))
                for event in state {
                    let isKnown = known.contains { $0.position == event.position }
                    #expect(known.contains { $0 === event } == isKnown)
                }
            }
        }
    }
}

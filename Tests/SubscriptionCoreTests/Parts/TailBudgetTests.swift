import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("What the newest events of all rooms take")
struct TailBudgetTests {
    private struct Scene {
        var budget: TailBudget
        var rooms: [RoomID: RoomEntry] = [:]
        var position: Int64 = 0

        /// Bytes that the rooms hold, counted by themselves.
        var held: Int {
            var fresh = TailBudget(most: .max)
            for event in rooms.values.flatMap(\.tail) { fresh.keeps(event) }
            return fresh.bytes
        }

        mutating func send(_ bytes: Int, to room: RoomID) {
            position += 1
            let content: JSONObject = ["body": .string(String(repeating: "x", count: bytes))]
            let event = makeEvent(.message, room: room, content: content, at: StreamPosition(position))
            if rooms[room] == nil { rooms[room] = RoomEntry(knownUpTo: .zero, lastPosition: .zero) }
            budget.keeps(event)
            if let dropped = rooms[room]?.append(event) { budget.letsGo(of: dropped) }
            budget.settle(&rooms)
        }
    }

    @Test("beyond the bound what came first goes, of whichever room, and who asks for it is sent to the store")
    func bound() {
        var scene = Scene(budget: TailBudget(most: 1_000_000))
        for number in 0..<100 { scene.send(20_000, to: Names.room("r\(number % 10)")) }
        #expect(scene.budget.bytes <= 1_000_000)
        #expect(scene.budget.bytes == scene.held)
        #expect(scene.rooms[Names.room("r0")]?.events(after: StreamPosition(1)) == nil)
        #expect(scene.rooms[Names.room("r9")]?.events(after: StreamPosition(90))?.count == 1)
    }

    @Test("a room that is written to all the time takes nothing from the others, and its past leaves nothing behind")
    func busyRoom() {
        var scene = Scene(budget: TailBudget(most: 1_000_000))
        scene.send(10, to: Names.room("quiet"))
        for _ in 0..<20_000 { scene.send(10, to: Names.den) }
        #expect(scene.rooms[Names.room("quiet")]?.events(after: .zero)?.count == 1)
        #expect(scene.budget.bytes == scene.held)
        #expect(scene.budget.entryCount < 2_000)
    }
}

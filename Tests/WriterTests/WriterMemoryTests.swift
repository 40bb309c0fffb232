import MatrixModel
import RoomRules
import Testing

@testable import HearthServices

@Suite("What the writer keeps in mind")
struct WriterMemoryTests {
    @Test("however much state is written, the writer keeps no more of it than its bound, and knows all of it")
    func boundedState() async throws {
        try await withWriter { try Self.writeMuch($0) }
    }

    private static func writeMuch(_ scene: WriterScene) throws {
        let room = try scene.makeRoom()
        let text = String(repeating: "x", count: 60_000)
        let (batches, batch) = (25, 100)
        var heaviest = 0
        for first in stride(from: 0, to: batches * batch, by: batch) {
            let weight = try scene.writer.performNow { context in
                #expect(context.memory.rooms[room]?.memos.isEmpty == false, "who is in the room is not forgotten with its state")
                for number in first..<first + batch {
                    let content: JSONObject = ["n": .integer(Int64(number)), "text": .string(text)]
                    try context.send(
                        EventRequest(type: .name, stateKey: "key \(number)", sender: WriterScene.alice, content: content),
                        in: room)
                }
                return context.memory.stateWeight
            }
            heaviest = max(heaviest, weight)
        }
        #expect(heaviest > WriterMemory.heaviestState, "the test writes more than the bound")
        #expect(
            heaviest < WriterMemory.heaviestState + batch * 64 * 1024, "beyond the bound by what one transaction writes at most")
        try scene.writer.performNow { context in
            for number in [0, 700, batches * batch - 1] {
                let event = try context.state(StateKey(.name, "key \(number)"), in: room)
                #expect(event?.content["n"] == .integer(Int64(number)))
            }
            #expect(context.memory.stateWeight < WriterMemory.heaviestState)
        }
    }
}

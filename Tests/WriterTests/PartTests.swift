import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore
import Synchronization
import Testing

@testable import HearthServices

/// Operations that do something for each of many users.
@Suite("Parts of an operation that fail")
struct PartTests {
    private struct Refused: Error {}

    private final class Record: Sendable {
        private let entries = Mutex<[Int]>([])
        var all: [Int] { entries.withLock { $0 } }
        func add(_ entry: Int) { entries.withLock { $0.append(entry) } }
    }

    private static func name(_ text: String, _ room: RoomID, in context: WriteContext) throws {
        let content: JSONObject = ["name": .string(text)]
        try context.send(EventRequest(type: .name, stateKey: "", sender: WriterScene.alice, content: content), in: room)
    }

    @Test("a part that fails after its first changes leaves nothing behind in store or memory, and the others' parts stay")
    func undone() async throws {
        try await withWriter { scene in
            let (room, undone, followed, bob) = (try scene.makeRoom(), Record(), Record(), WriterScene.user("bob"))
            let start = scene.notifier.position
            try scene.writer.performNow { (context: WriteContext) throws -> Void in
                try context.passingOver(WriterScene.alice, partialChanges: .undone) { try Self.name("first", room, in: context) }
                try context.passingOver(bob, partialChanges: .undone) {
                    try Self.name("second", room, in: context)
                    context.onFailure { undone.add(2) }
                    context.afterCommit { followed.add(2) }
                    throw Refused()
                }
                let standing = try context.state(StateKey(.name), in: room)
                #expect(standing?.content["name"] == "first")
                try context.passingOver(WriterScene.alice, partialChanges: .undone) {
                    try Self.name("third", room, in: context)
                    context.onFailure { undone.add(3) }
                    context.afterCommit { followed.add(3) }
                }
            }
            #expect(undone.all == [2])
            #expect(followed.all == [3])
            let stored = try await scene.store.read { try $0.events.history(of: StateKey(.name), in: room) }
            #expect(stored.map { $0.content["name"]?.stringValue } == ["first", "third"])
            let plan = scene.notifier.ask { $0.plan(for: WriterScene.phone, since: start, legacyPresence: false) }
            guard case .events(let news)? = plan.joined.first?.content else { throw Refused() }
            #expect(news.map { $0.content["name"]?.stringValue } == ["first", "third"])
        }
    }

    @Test("when the operation fails after its parts, they are undone with it")
    func operationFails() async throws {
        try await withWriter { scene in
            let (room, undone) = (try scene.makeRoom(), Record())
            #expect(throws: Refused.self) {
                try scene.writer.performNow { (context: WriteContext) throws -> Void in
                    for part in 1...2 {
                        try context.passingOver(WriterScene.alice, partialChanges: .undone) {
                            try Self.name("\(part)", room, in: context)
                            context.onFailure { undone.add(part) }
                        }
                    }
                    throw Refused()
                }
            }
            #expect(undone.all == [2, 1])
        }
    }
}

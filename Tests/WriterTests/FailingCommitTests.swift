import HearthStore
import MatrixModel
import RoomRules
import Synchronization
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("A commit that fails")
struct FailingCommitTests {
    private static func big(_ text: String) -> String { text + String(repeating: "x", count: 30_000) }

    /// Lets the database grow by so many pages and no more.
    private func leave(_ pages: Int, in store: Store) throws { try store.limitPages(to: try store.pageCount() + pages) }

    @Test("a full disk fails every operation of its transaction, and memory then knows what the store knows")
    func fullDiskFailsTheBatch() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let tip = try #require(try scene.events(in: room).last?.id)
            let position = scene.notifier.position
            let undone = Counter()
            let told = Counter()
            try leave(8, in: scene.store)
            let small: @Sendable (WriteContext) throws -> PersistedEvent = { context in
                context.onFailure { undone.count() }
                context.afterCommit { told.count() }
                return try WriterScene.message("small", in: room)(context)
            }
            let results = try await scene.performTogether([
                small, WriterScene.message(Self.big("a"), in: room), WriterScene.message(Self.big("b"), in: room), small,
            ])
            #expect(results.count == 4)
            for result in results { #expect(throws: WriteError.storageFull) { _ = try result.get() } }
            #expect(undone.value == 1 && told.value == 0)
            #expect(try scene.events(in: room).last?.id == tip)
            #expect(scene.notifier.position == position)
            #expect(try scene.store.readNow { try $0.meta.position() } == position)

            try leave(1000, in: scene.store)
            let next = try scene.writer.performNow(WriterScene.message("next", in: room))
            #expect(try scene.events(in: room).last?.prevEvents == [tip])
            #expect(try scene.events(in: room).last?.id == next.eventID)
            #expect(scene.notifier.position == next.position)
            #expect(try scene.fault(in: room) == nil)
        }
    }

    @Test("what its operations did to memory is undone newest first, so that the oldest value stands in the end")
    func undoneNewestFirst() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let (newer, inOrder) = (Counter(), Counter())
            try leave(16, in: scene.store)
            let first: @Sendable (WriteContext) throws -> PersistedEvent = { context in
                context.onFailure { if newer.value == 1 { inOrder.count() } }
                return try WriterScene.message("first", in: room)(context)
            }
            let second: @Sendable (WriteContext) throws -> PersistedEvent = { context in
                context.onFailure { newer.count() }
                return try WriterScene.message("second", in: room)(context)
            }
            let big = ["a", "b", "c"].map { WriterScene.message(Self.big($0), in: room) }
            let results = try await scene.performTogether([first, second] + big)
            for result in results { #expect(throws: WriteError.storageFull) { _ = try result.get() } }
            #expect(newer.value == 1 && inOrder.value == 1)
        }
    }

    @Test("after it, an operation that changes nothing leaves the stream where the store has it: no token runs ahead of the disk")
    func idleOperationAfterFailure() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            try leave(4, in: scene.store)
            let failed = try await scene.performTogether([WriterScene.message(Self.big("a"), in: room)])
            #expect(throws: WriteError.storageFull) { _ = try failed[0].get() }
            let found = try await scene.performTogether([{ @Sendable context in try context.room(room) != nil }])
            #expect(try found[0].get())
            let stored = try scene.store.readNow { try $0.meta.position() }
            #expect(scene.notifier.position == stored)
        }
    }

    @Test("a room whose making did not fit is no room, for memory neither")
    func roomThatDidNotFit() async throws {
        try await withWriter { scene in
            _ = try scene.makeRoom()
            try leave(4, in: scene.store)
            let made = Mutex<RoomID?>(nil)
            let results = try await scene.performTogether(
                [
                    { context in
                        let room = try context.createRoom(
                            version: .v12, id: nil, creator: WriterScene.alice, content: ["room_version": "12"], profileOwner: nil
                        )
                        made.withLock { $0 = room }
                        return room
                    },
                    { context in
                        try context.createRoom(
                            version: .v12, id: nil, creator: WriterScene.alice,
                            content: ["room_version": "12", "text": .string(Self.big(""))], profileOwner: nil)
                    },
                ] as [@Sendable (WriteContext) throws -> RoomID])
            for result in results { #expect(throws: WriteError.storageFull) { _ = try result.get() } }
            try leave(1000, in: scene.store)
            let room = try #require(made.withLock { $0 })
            let isKnown = try scene.writer.performNow { context in try context.room(room) != nil }
            #expect(!isKnown)
        }
    }

    @Test("whatever fails in whatever order, rooms stay chains and the stream what the store says", arguments: 1...6)
    func walk(number: UInt64) async throws {
        let seed = number &* 0x5DEE_CE66_D1CE_5EED
        var random = SeededGenerator(seed: seed)
        try await withWriter { scene in
            var rooms: [RoomID] = []
            for _ in 0..<3 { rooms.append(try scene.makeRoom()) }
            var acknowledged: Set<EventID> = []
            for step in 0..<25 {
                let isTight = Int.random(in: 0..<3, using: &random) == 0
                try leave(isTight ? Int.random(in: 0..<12, using: &random) : 2000, in: scene.store)
                var operations: [@Sendable (WriteContext) throws -> EventID?] = []
                for index in 0..<Int.random(in: 1...6, using: &random) {
                    let room = rooms[Int.random(in: 0..<3, using: &random)]
                    let text = Bool.random(using: &random) ? Self.big("\(step)") : "\(step).\(index)"
                    let kind = Int.random(in: 0..<4, using: &random)
                    operations.append { context in
                        if kind == 3 { return nil }
                        if kind == 0 {
                            try context.send(
                                EventRequest(
                                    type: .topic, stateKey: "", sender: WriterScene.alice, content: ["topic": .string(text)]),
                                in: room)
                        }
                        let event = try WriterScene.message(text, in: room)(context)
                        if kind == 1 { throw SendError.forbidden("not this one") }
                        return event.eventID
                    }
                }
                let results = try await scene.performTogether(operations)
                for case .success(let id?) in results { acknowledged.insert(id) }
                for room in rooms {
                    let fault = try scene.fault(in: room)
                    #expect(fault == nil, "seed \(seed), step \(step)")
                }
                let stored = try scene.store.readNow { try $0.meta.position() }
                #expect(scene.notifier.position == stored, "seed \(seed), step \(step)")
            }
            let stored = Set(try rooms.flatMap { try scene.events(in: $0) }.map(\.id))
            #expect(acknowledged.isSubset(of: stored), "seed \(seed)")
            #expect(!acknowledged.isEmpty)
        }
    }
}

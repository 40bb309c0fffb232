import Foundation
import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore
import Synchronization
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("One writer, many operations")
struct GroupCommitTests {
    private struct Refusal: Error, Equatable {}

    @Test("operations that wait together are one transaction, each with the answer of its own")
    func waitingTogether() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let before = scene.transactions
            let results = try await scene.performTogether((0..<100).map { WriterScene.message("m\($0)", in: room) })
            #expect(scene.transactions == before + 1)
            let sent = try results.map { try $0.get() }
            #expect(sent.map { $0.content["body"] } == (0..<100).map { .string("m\($0)") })
            #expect(sent.map(\.position.rawValue) == Array(3...102))
            #expect(try scene.events(in: room).suffix(100).map(\.id) == sent.map(\.eventID))
            #expect(try scene.fault(in: room) == nil)
        }
    }

    @Test("one transaction takes a bounded number of operations, and the rest comes in the next ones")
    func boundedBatches() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let before = scene.transactions
            let count = RoomWriter.largestBatch * 2 + 1
            let results = try await scene.performTogether((0..<count).map { WriterScene.message("m\($0)", in: room) })
            #expect(scene.transactions == before + 3)
            #expect(results.count == count)
            #expect(try scene.fault(in: room) == nil)
        }
    }

    @Test("no operation begins after a transaction's time: what waits goes into the next ones, in its order")
    func boundedTime() async throws {
        try await withWriter(longestBatch: .zero) { scene in
            let room = try scene.makeRoom()
            let before = scene.transactions
            let results = try await scene.performTogether((0..<20).map { WriterScene.message("m\($0)", in: room) })
            #expect(scene.transactions == before + 20, "each of them takes longer than that")
            let sent = try results.map { try $0.get() }
            #expect(sent.map(\.position.rawValue) == Array(3...22))
            #expect(try scene.events(in: room).suffix(20).map(\.id) == sent.map(\.eventID))
            #expect(try scene.fault(in: room) == nil)
        }
    }

    @Test("what nobody waits for has 25 ms of a transaction, and what clients wait for goes before it")
    func housekeeping() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let (writer, before) = (scene.writer, scene.transactions)
            let order = Mutex<[String]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addQueued {
                        try await writer.perform(as: .housekeeping) { _ in
                            order.withLock { $0.append("housekeeping") }
                            Thread.sleep(forTimeInterval: 0.01)
                        }
                    }
                }
                group.addQueued {
                    try await writer.perform { context in
                        order.withLock { $0.append("client") }
                        _ = try WriterScene.message("hello", in: room)(context)
                    }
                }
                writer.close()
                try await writer.run()
                try await group.waitForAll()
            }
            #expect(order.withLock { $0.first } == "client")
            #expect(order.withLock { $0.count } == 21, "all of it is done")
            #expect(scene.transactions >= before + 7, "three of them, which take 30 ms, end a transaction")
        }
    }

    @Test("a writer that is cancelled writes what waits, and refuses what comes after instead of keeping it waiting")
    func cancelled() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let writer = scene.writer
            let run = Task { try await writer.run() }
            let waiting = (0..<10).map { number in
                Task { try await writer.perform(WriterScene.message("m\(number)", in: room)) }
            }
            while writer.queueDepth == 0, try scene.events(in: room).count < 12 { await Task.yield() }
            run.cancel()
            try await run.value
            // Each is on the disk or was refused; none waits for ever.
            var kept = 0
            for task in waiting {
                do {
                    _ = try await task.value
                    kept += 1
                } catch WriteError.shuttingDown {}
            }
            #expect(try scene.events(in: room).count == 2 + kept)
            await #expect(throws: WriteError.shuttingDown) {
                try await writer.perform(WriterScene.message("late", in: room))
            }
        }
    }

    @Test(
        "a value that cannot be read, or stored, fails the operation that it concerns and no other",
        arguments: [StoreError.corrupt("account_data.content"), .tooDeep])
    func oneValue(_ error: StoreError) async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let before = scene.transactions
            let failing: @Sendable (WriteContext) throws -> PersistedEvent = { context in
                _ = try WriterScene.message("not to be", in: room)(context)
                throw error
            }
            let results = try await scene.performTogether([
                WriterScene.message("one", in: room), failing, WriterScene.message("two", in: room),
            ])
            #expect(scene.transactions == before + 1)
            #expect(throws: error) { try results[1].get() }
            #expect(try [results[0].get(), results[2].get()].map { $0.content["body"] } == ["one", "two"])
            #expect(try scene.fault(in: room) == nil)
        }
    }

    @Test("an operation that throws leaves nothing in store, memory and stream, and its neighbours are as if it had not been")
    func throwingLeavesNothing() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let undone = Counter()
            let told = Counter()
            let (_, waker) = scene.notifier.startWaiting(for: WriterScene.phone)
            let before = scene.notifier.position
            let failing: @Sendable (WriteContext) throws -> PersistedEvent = { context in
                try context.send(
                    EventRequest(type: .name, stateKey: "", sender: WriterScene.alice, content: ["name": "not to be"]), in: room)
                context.afterCommit { told.count() }
                context.onFailure { undone.count() }
                throw Refusal()
            }
            let results = try await scene.performTogether([
                WriterScene.message("before", in: room), failing, WriterScene.message("after", in: room),
            ])
            #expect(throws: Refusal()) { _ = try results[1].get() }
            let (first, last) = (try results[0].get(), try results[2].get())
            #expect(try scene.events(in: room).last?.prevEvents == [first.eventID])
            #expect(try scene.events(in: room).last?.id == last.eventID)
            #expect(try scene.store.readNow { try $0.state.event(StateKey(.name), in: room) } == nil)
            #expect(undone.value == 1 && told.value == 0)

            #expect(await waker.next().reason == .news)
            let plan = scene.notifier.ask { $0.plan(for: WriterScene.phone, since: before, legacyPresence: false) }
            var news: [PersistedEvent] = []
            if case .events(let events)? = plan.joined.first?.content { news = events }
            #expect(news.map(\.eventID) == [first.eventID, last.eventID])

            let next = try scene.writer.performNow { context in
                #expect(try context.state(StateKey(.name), in: room) == nil)
                return try WriterScene.message("next", in: room)(context)
            }
            #expect(try scene.events(in: room).last?.id == next.eventID)
            #expect(try scene.fault(in: room) == nil)
        }
    }

    @Test("one that finds what is wrong before it changes anything needs no savepoint to leave its neighbours alone")
    func throwingBeforeChanges() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let undone = Counter()
            let failing: @Sendable (WriteContext) throws -> PersistedEvent = { context in
                context.onFailure { undone.count() }
                return try context.send(
                    EventRequest(type: .name, stateKey: "", sender: WriterScene.user("stranger"), content: ["name": "no"]),
                    in: room)
            }
            let results = try await scene.performTogether(
                [WriterScene.message("before", in: room), failing, WriterScene.message("after", in: room)], partialChanges: .none)
            #expect(throws: SendError.self) { _ = try results[1].get() }
            let (first, last) = (try results[0].get(), try results[2].get())
            #expect(try scene.events(in: room).suffix(2).map(\.id) == [first.eventID, last.eventID])
            #expect(undone.value == 1)
            #expect(try scene.fault(in: room) == nil)
        }
    }

    @Test("one that promised so and throws after a change takes its transaction with it, so that no half of it is kept")
    func brokenPromise() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let before = try scene.events(in: room).map(\.id)
            let failing: @Sendable (WriteContext) throws -> PersistedEvent = { context in
                _ = try WriterScene.message("half", in: room)(context)
                throw Refusal()
            }
            let results = try await scene.performTogether(
                [WriterScene.message("before", in: room), failing, WriterScene.message("after", in: room)], partialChanges: .none)
            for result in results { #expect(throws: WriteError.storageUnavailable) { _ = try result.get() } }
            #expect(try scene.events(in: room).map(\.id) == before)

            let next = try scene.writer.performNow(WriterScene.message("next", in: room))
            #expect(try scene.events(in: room).map(\.id) == before + [next.eventID])
            #expect(try scene.fault(in: room) == nil)
        }
    }

    @Test("an operation that makes a room and then throws leaves no room, also for the operations of its own transaction")
    func failedRoomIsNoRoom() async throws {
        try await withWriter { scene in
            let made = Mutex<RoomID?>(nil)
            let results = try await scene.performTogether(
                [
                    { context in
                        let room = try context.createRoom(
                            version: .v12, id: nil, creator: WriterScene.alice, content: ["room_version": "12"], profileOwner: nil
                        )
                        made.withLock { $0 = room }
                        throw Refusal()
                    },
                    { context in
                        let room = try #require(made.withLock { $0 })
                        return try context.room(room) == nil && context.transaction.rooms.room(room) == nil
                    },
                ] as [@Sendable (WriteContext) throws -> Bool])
            #expect(throws: Refusal()) { _ = try results[0].get() }
            #expect(try results[1].get())
        }
    }

    @Test("when a request is answered its change is on the disk: other connections see it, and what follows a commit has run")
    func answeredAfterCommit() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let reader = try StoreReader(directory: scene.store.directory)
            let hooks = Counter()
            let seenInside = Mutex<Bool?>(nil)
            let operations: [@Sendable (WriteContext) throws -> EventID] = [
                { context in
                    context.afterCommit { hooks.count() }
                    return try WriterScene.message("first", in: room)(context).eventID
                },
                { context in
                    // The first operation has run and is not committed: nobody else sees it, and nobody was told.
                    let count = try reader.readNow { try $0.events.signed(in: room).count }
                    seenInside.withLock { $0 = count == 2 && hooks.value == 0 }
                    return try WriterScene.message("second", in: room)(context).eventID
                },
            ]
            let results = try await scene.performTogether(operations)
            #expect(seenInside.withLock { $0 } == true)
            #expect(hooks.value == 1)
            let stored = try reader.readNow { try $0.events.signed(in: room).map(\.id) }
            #expect(try stored.suffix(2) == results.map { try $0.get() }[...])
            #expect(scene.notifier.position == StreamPosition(4))
        }
    }

    @Test("closed, the writer still writes what waits and refuses what comes then")
    func closing() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let writer = scene.writer
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addQueued { _ = try await writer.perform(WriterScene.message("waiting", in: room)) }
                writer.close()
                try await writer.run()
                try await group.waitForAll()
            }
            #expect(try scene.events(in: room).count == 3)
            await #expect(throws: WriteError.shuttingDown) { _ = try await writer.perform(WriterScene.message("late", in: room)) }
        }
    }
}

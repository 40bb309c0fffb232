import Foundation
import HearthStore
import Logging
import MatrixModel
import RoomRules
import SubscriptionCore
import Synchronization

@testable import HearthRuntime
@testable import HearthServices

/// A writer on a real store with a clock that counts: every transaction reads it once.
final class WriterScene: Sendable {
    static let alice = user("alice")
    static let phone = DeviceKey(user: alice, device: DeviceID("PHONE") ?? { preconditionFailure("a device id") }())

    let store: Store
    let notifier: StreamNotifier
    let writer: RoomWriter
    private let clock: CountingClock

    init(directory: String, longestBatch: Duration) throws {
        let server = Self.alice.server
        store = try Store(directory: directory, serverName: server)
        notifier = StreamNotifier(engine: try store.readNow { try SubscriptionRestoration.engine(from: $0) })
        clock = CountingClock()
        let identity = try ServerIdentity(name: server, signingKey: try SigningKeyStore.loadOrMake(in: store, server: server))
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        writer = try ServerAssembly(
            store: store, server: identity, clock: clock, notifier: notifier, logger: logger, longestBatch: longestBatch
        ).writer
    }

    static func user(_ name: String) -> UserID {
        let server = ServerName("alpha.test") ?? { preconditionFailure("a server name") }()
        return UserID(localpart: name, server: server) ?? { preconditionFailure("a user id") }()
    }

    /// How many transactions the writer has begun.
    var transactions: Int { clock.readings }

    /// Makes a room that alice has joined.
    func makeRoom() throws -> RoomID {
        try writer.performNow { context in
            let room = try context.createRoom(
                version: .v12, id: nil, creator: Self.alice, content: ["room_version": "12"], profileOwner: nil)
            try context.send(
                EventRequest(
                    type: .member, stateKey: Self.alice.rawValue, sender: Self.alice, content: ["membership": "join"]),
                in: room)
            return room
        }
    }

    /// An operation that sends a message.
    static func message(_ text: String, in room: RoomID) -> @Sendable (WriteContext) throws -> PersistedEvent {
        { context in
            try context.send(EventRequest(type: .message, sender: alice, content: ["body": .string(text)]), in: room)
        }
    }

    func events(in room: RoomID) throws -> [SignedEvent] { try store.readNow { try $0.events.signed(in: room) } }

    /// What is wrong with a stored room: each event has to name the one before it, and the record the last. Nil when nothing is.
    func fault(in room: RoomID) throws -> String? {
        let (events, record) = try store.readNow { (try $0.events.signed(in: room), try $0.rooms.room(room)) }
        for (event, previous) in zip(events.dropFirst(), events) {
            if event.prevEvents != [previous.id] { return "\(event.id) names \(event.prevEvents), not \(previous.id)" }
            if event.originServerTS <= previous.originServerTS { return "\(event.id) is not later than \(previous.id)" }
        }
        guard let last = events.last else { return "no events" }
        return record?.tips.main.id == last.id ? nil : "the record names another end"
    }
}

/// Counts what operations and their hooks do.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    var value: Int { number.load(ordering: .relaxed) }

    func count() { number.add(1, ordering: .relaxed) }
}

/// Time moves by one millisecond with every reading.
final class CountingClock: ServerClock {
    private let count = Atomic<Int>(0)

    var readings: Int { count.load(ordering: .relaxed) }

    func now() -> Now {
        let count = Int64(count.add(1, ordering: .relaxed).newValue)
        return Now(
            monotonic: MonotonicTime(nanoseconds: count * 1_000_000),
            wall: MatrixTimestamp(milliseconds: 1_700_000_000_000 + count))
    }

    func sleep(for duration: Duration) async throws {}
}

/// Runs a test with a writer whose loop does not run yet; leaves no file behind.
///
/// - Parameter longestBatch: for how long the operations of one transaction run.
func withWriter<Value>(
    longestBatch: Duration = .seconds(60), _ body: (WriterScene) async throws -> Value
) async throws -> Value {
    let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-writer-\(UUID().uuidString)").path
    defer { removeDirectory(directory) }
    return try await body(WriterScene(directory: directory, longestBatch: longestBatch))
}

private func removeDirectory(_ directory: String) {
    do {
        try FileManager.default.removeItem(atPath: directory)
    } catch {
        FileHandle.standardError.write(Data("cannot remove \(directory): \(error)\n".utf8))
    }
}

extension WriterScene {
    /// Queues operations, then runs all that waits, and returns the answers in the operations' order.
    func performTogether<Value: Sendable>(
        _ operations: [@Sendable (WriteContext) throws -> Value], partialChanges: PartialChanges = .undone
    ) async throws -> [Result<Value, any Error>] {
        try await withThrowingTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
            let writer = writer
            for (index, operation) in operations.enumerated() {
                // Runs at once until it waits: when the writer begins, every operation is in the queue.
                group.addQueued {
                    do {
                        return (index, .success(try await writer.perform(partialChanges: partialChanges, operation)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            await writer.drain()
            var results: [Int: Result<Value, any Error>] = [:]
            while let (index, result) = try await group.next() { results[index] = result }
            return operations.indices.compactMap { results[$0] }
        }
    }
}

extension ThrowingTaskGroup {
    /// Adds a task that has run up to its first wait when this returns.
    mutating func addQueued(_ operation: @escaping @Sendable () async throws -> ChildTaskResult) {
        if #available(macOS 26, *) { addImmediateTask(operation: operation) } else { addTask(operation: operation) }
    }
}

import HearthStore
import MatrixModel
import SubscriptionCore
import Synchronization
import Testing

@testable import HearthRuntime
@testable import HearthServices

/// A memory that mirrors rows, with what it was told.
private final class Mirror: RowMirror {
    private let rows = Mutex<[Int: String]>([:])
    private let adopted = Counter()

    var all: [Int: String] { rows.withLock { $0 } }
    var adoptions: Int { adopted.value }

    func adopt(_ changes: [Int: String?]) {
        adopted.count()
        rows.withLock { rows in
            for (key, value) in changes { rows[key] = value }
        }
    }

    /// The rows as an operation sees them.
    func all(in context: WriteContext) -> [Int: String] { all(under: context.changes(of: self)) }

    func all(under changes: [Int: String?]) -> [Int: String] {
        var rows = all
        for (key, value) in changes { rows[key] = value }
        return rows
    }
}

@Suite("Memory that changes with a transaction")
struct OverlayTests {
    private struct Refused: Error {}

    @Test(
        "whatever is set and taken back, two mirrors show what copies of dictionaries show",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func walk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let mirrors = [Mirror(), Mirror()]
        var committed: [[Int: String]] = [[:], [:]]
        for step in 0..<60 {
            var overlays = Overlays()
            var model = committed
            // The marks of an operation and of its parts, with what stood there.
            var marks: [(mark: Int, model: [[Int: String]])] = []
            for turn in 0..<Int.random(in: 0..<40, using: &random) {
                switch Int.random(in: 0..<10, using: &random) {
                case 0: marks.append((overlays.mark, model))
                case 1:
                    guard let last = marks.popLast() else { continue }
                    overlays.undo(to: last.mark)
                    model = last.model
                case 2: _ = marks.popLast()
                default:
                    let (which, key) = (Int.random(in: 0..<2, using: &random), Int.random(in: 0..<5, using: &random))
                    let value = Bool.random(using: &random) ? "\(step).\(turn)" : nil
                    overlays.set(value, for: key, of: mirrors[which])
                    model[which][key] = value
                }
                for (mirror, rows) in zip(mirrors, model) {
                    #expect(mirror.all(under: overlays.changes(of: mirror)) == rows, "seed \(seed), step \(step), turn \(turn)")
                }
                #expect(mirrors.map(\.all) == committed, "nobody else sees it: seed \(seed), step \(step), turn \(turn)")
            }
            if Int.random(in: 0..<3, using: &random) == 0 { continue }  // The commit fails.
            for adopt in overlays.adoptions { adopt() }
            committed = model
            #expect(mirrors.map(\.all) == committed, "seed \(seed), step \(step)")
        }
    }

    @Test("an operation sees what those before it left, one that throws leaves nothing, and a part of one likewise")
    func operations() async throws {
        try await withWriter { scene in
            let mirror = Mirror()
            let set: @Sendable (Int, String?, Bool) -> @Sendable (WriteContext) throws -> [Int: String] = { key, value, fails in
                { context in
                    context.set(value, for: key, of: mirror)
                    try context.passingOver(WriterScene.alice, partialChanges: .undone) {
                        context.set("part", for: 9, of: mirror)
                        throw Refused()
                    }
                    if fails { throw Refused() }
                    return mirror.all(in: context)
                }
            }
            let results = try await scene.performTogether([
                set(1, "a", false), set(2, "b", true), set(3, "c", false), set(1, nil, true), set(1, "d", false),
            ])
            #expect(try results[0].get() == [1: "a"])
            #expect(throws: Refused.self) { _ = try results[1].get() }
            #expect(try results[2].get() == [1: "a", 3: "c"])
            #expect(throws: Refused.self) { _ = try results[3].get() }
            #expect(try results[4].get() == [1: "d", 3: "c"])
            #expect(mirror.all == [1: "d", 3: "c"])
            #expect(mirror.adoptions == 1)
        }
    }

    @Test("a commit that fails adopts nothing, and the next transaction begins with what is on the disk")
    func failedCommit() async throws {
        try await withWriter { scene in
            let (room, mirror) = (try scene.makeRoom(), Mirror())
            try scene.store.limitPages(to: try scene.store.pageCount() + 4)
            let results = try await scene.performTogether([
                { @Sendable context in
                    context.set("lost", for: 1, of: mirror)
                    _ = try WriterScene.message(String(repeating: "x", count: 60_000), in: room)(context)
                }
            ])
            #expect(throws: WriteError.storageFull) { try results[0].get() }
            #expect(mirror.all.isEmpty && mirror.adoptions == 0)
            try scene.store.limitPages(to: 1_000_000)
            let seen = try scene.writer.performNow { mirror.all(in: $0) }
            #expect(seen.isEmpty)
        }
    }

    @Test("whoever is woken by a commit finds every memory as the commit left it, and so do the hooks that follow")
    func order() async throws {
        try await withWriter { scene in
            let mirror = Mirror()
            let whenWoken = Mutex<[Int: String]?>(nil)
            let afterwards = Mutex<[Int: String]?>(nil)
            let (waiter, waker) = scene.notifier.startWaiting(for: WriterScene.phone, asksForProfiles: false)
            defer { scene.notifier.stopWaiting(waiter) }
            waker.onWake(in: Here()) { _ in whenWoken.withLock { $0 = mirror.all } }
            try scene.writer.performNow { context in
                context.set("new", for: 1, of: mirror)
                context.tell(.accountData(user: WriterScene.alice, at: context.nextPosition()))
                context.afterCommit { afterwards.withLock { $0 = mirror.all } }
                #expect(mirror.all.isEmpty)
            }
            #expect(whenWoken.withLock { $0 } == [1: "new"])
            #expect(afterwards.withLock { $0 } == [1: "new"])
        }
    }
}

/// Runs what was woken where it was woken.
private final class Here: WakePlace {
    var id: ObjectIdentifier { ObjectIdentifier(self) }

    func execute(_ work: @escaping @Sendable () -> Void) { work() }
}

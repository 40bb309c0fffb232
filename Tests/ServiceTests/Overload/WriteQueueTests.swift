import MatrixModel
import Synchronization
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Operations that wait for the writer")
struct WriteQueueTests {
    private final class Named: PendingWrite {
        let name: String

        init(_ name: String) { self.name = name }

        func run(in context: WriteContext) {}
        func complete(_ failure: WriteError?) {}
    }

    private static func names(_ batch: [WriteQueue.Turn]) -> [String] { batch.compactMap { ($0.write as? Named)?.name } }

    /// What is next, by name.
    private static func next(_ most: Int, of queue: inout WriteQueue) -> [String] { names(queue.next(most)) }

    private static func append(
        _ name: String, of asker: MemoryBorrower?, as kind: WriteClass = .clients, to queue: inout WriteQueue
    ) -> Bool {
        queue.append(Named(name), of: asker, as: kind)
    }

    private static func asker(_ name: String) -> MemoryBorrower { MemoryBorrower(user: UserID("@\(name):test")) }

    @Test("users take turns, what one asks for keeps its order, and the server's own operations wait for no row of anybody")
    func turns() {
        var queue = WriteQueue(longest: { _ in 100 })
        for number in 0..<4 { #expect(Self.append("m\(number)", of: Self.asker("mallory"), to: &queue)) }
        #expect(Self.append("a0", of: Self.asker("alice"), to: &queue))
        #expect(Self.append("s0", of: nil, to: &queue))
        #expect(Self.append("s1", of: nil, to: &queue))
        #expect(Self.next(3, of: &queue) == ["m0", "a0", "s0"])
        #expect(Self.append("a1", of: Self.asker("alice"), to: &queue))
        #expect(Self.next(10, of: &queue) == ["s1", "m1", "a1", "m2", "m3"])
        #expect(queue.count == 0)
        #expect(Self.next(10, of: &queue).isEmpty)
    }

    @Test("what does not fit is refused")
    func full() {
        var queue = WriteQueue(longest: { _ in 2 })
        #expect(Self.append("a", of: Self.asker("alice"), to: &queue))
        #expect(Self.append("b", of: nil, to: &queue))
        #expect(!Self.append("c", of: Self.asker("carol"), to: &queue))
        #expect(Self.next(1, of: &queue).count == 1)
        #expect(Self.append("c", of: Self.asker("carol"), to: &queue))
    }

    @Test("what was taken out and has not run is next again, in its order")
    func putBack() {
        var queue = WriteQueue(longest: { _ in 100 })
        for number in 0..<3 { _ = Self.append("m\(number)", of: Self.asker("mallory"), to: &queue) }
        _ = Self.append("a0", of: Self.asker("alice"), to: &queue)
        _ = Self.append("s0", of: nil, to: &queue)
        let batch = queue.next(10)
        #expect(Self.names(batch) == ["m0", "a0", "s0", "m1", "m2"])
        _ = Self.append("b0", of: Self.asker("bob"), to: &queue)
        queue.putBack(batch, ran: 1)
        #expect(queue.count == 5)
        #expect(Self.next(10, of: &queue) == ["a0", "s0", "m1", "b0", "m2"])
    }

    @Test("who was slow begins a transaction, so that what others wait for is on the disk before")
    func slow() throws {
        var queue = WriteQueue(longest: { _ in 100 })
        for number in 0..<4 { _ = Self.append("m\(number)", of: Self.asker("mallory"), to: &queue) }
        let first = try #require(queue.next(1).first)
        queue.ran(first, isSlow: true)
        for name in ["alice", "bob"] { _ = Self.append(name, of: Self.asker(name), to: &queue) }
        let second = queue.next(10)
        #expect(Self.names(second) == ["m1", "alice", "bob"])
        _ = Self.append("carol", of: Self.asker("carol"), to: &queue)
        #expect(Self.next(10, of: &queue) == ["m2", "carol"])
        queue.ran(try #require(second.first), isSlow: false)
        _ = Self.append("dave", of: Self.asker("dave"), to: &queue)
        #expect(Self.next(10, of: &queue) == ["m3", "dave"])
        #expect(queue.count == 0)
    }

    @Test("what clients wait for goes first, and one of the others goes with it")
    func classes() {
        var queue = WriteQueue(longest: { $0 == .clients ? 100 : 3 })
        for number in 0..<3 { #expect(Self.append("h\(number)", of: nil, as: .housekeeping, to: &queue)) }
        #expect(!Self.append("h3", of: nil, as: .housekeeping, to: &queue), "each class has its own bound")
        for number in 0..<3 { #expect(Self.append("a\(number)", of: Self.asker("alice"), to: &queue)) }
        #expect(queue.count == 3, "what is housekeeping is in nobody's way")
        let batch = queue.next(2)
        #expect(Self.names(batch) == ["a0", "a1", "h0"])
        #expect(batch.map(\.kind) == [.clients, .clients, .housekeeping])
        queue.putBack(batch, ran: 3)
        #expect(Self.next(10, of: &queue) == ["a2", "h1", "h2"])
    }

    @Test("housekeeping for which a transaction had no time begins the next one, once")
    func starved() {
        var queue = WriteQueue()
        #expect(Self.append("h0", of: nil, as: .housekeeping, to: &queue))
        #expect(Self.append("h1", of: nil, as: .housekeeping, to: &queue))
        for number in 0..<6 { #expect(Self.append("a\(number)", of: Self.asker("alice"), to: &queue)) }
        let first = queue.next(2)
        #expect(Self.names(first) == ["a0", "a1", "h0"])
        queue.putBack(first, ran: 1)
        let second = queue.next(2)
        #expect(Self.names(second) == ["h0", "a1", "a2", "h1"])
        queue.putBack(second, ran: 2)
        #expect(Self.next(2, of: &queue) == ["a2", "a3", "h1"])
    }
}

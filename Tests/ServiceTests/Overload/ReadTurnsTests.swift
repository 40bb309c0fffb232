import MatrixModel
import Synchronization
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Turns to read")
struct ReadTurnsTests {
    private static func owner(_ name: String) -> MemoryBorrower { MemoryBorrower(user: UserID("@\(name):x")) }

    /// The order in which those who wait had their turns.
    private final class Order: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func note(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test("whoever asks for much leaves a place, and others wait for one turn of theirs, not for all")
    func fairness() async {
        let turns = ReadTurns(atOnce: 3)
        let (mallory, bob, carol) = (Self.owner("mallory"), Self.owner("bob"), Self.owner("carol"))
        let order = Order()
        // Two of three places are what one owner has at most.
        #expect(await turns.begin(of: mallory))
        #expect(await turns.begin(of: mallory))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    #expect(await turns.begin(of: mallory))
                    order.note("mallory")
                    turns.end(of: mallory)
                }
            }
            while turns.waitingCount < 20 { await Task.yield() }
            #expect(await turns.begin(of: bob), "the third place is left")
            group.addTask {
                #expect(await turns.begin(of: carol))
                order.note("carol")
                turns.end(of: carol)
            }
            while turns.waitingCount < 21 { await Task.yield() }
            #expect(order.all == [])
            turns.end(of: bob)
            while order.all.isEmpty { await Task.yield() }
            #expect(order.all == ["carol"], "the place goes to the next who may have it")
            turns.end(of: mallory)
            turns.end(of: mallory)
        }
        #expect(order.all.count == 21)
        #expect(turns.waitingCount == 0)
    }

    @Test("where too many wait in all, the newest of whoever has most waiting is refused")
    func room() async {
        let turns = ReadTurns(atOnce: 2, waitingOfOwner: 4, waiting: 4)
        let (mallory, alice) = (Self.owner("mallory"), Self.owner("alice"))
        #expect(await turns.begin(of: mallory))
        let order = Order()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { order.note(await turns.begin(of: mallory) ? "mallory" : "refused") }
            }
            while turns.waitingCount < 4 { await Task.yield() }
            // The second place is alice's; what waits after her is the third.
            #expect(await turns.begin(of: alice))
            while order.all.isEmpty { await Task.yield() }
            #expect(order.all == ["refused"])
            for _ in 0..<4 {
                turns.end(of: mallory)
                while turns.waitingCount > 0, order.all.count == 1 { await Task.yield() }
            }
        }
        #expect(order.all.count { $0 == "mallory" } == 3)
    }

    @Test("of one owner so many wait, and more are refused at once")
    func bound() async {
        let turns = ReadTurns(atOnce: 2, waitingOfOwner: 3)
        let mallory = Self.owner("mallory")
        #expect(await turns.begin(of: mallory))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { #expect(await turns.begin(of: mallory)) } }
            while turns.waitingCount < 3 { await Task.yield() }
            #expect(await !turns.begin(of: mallory))
            for _ in 0..<4 {
                turns.end(of: mallory)
                await Task.yield()
            }
        }
        #expect(await turns.begin(of: mallory))
    }
}

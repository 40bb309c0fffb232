import Testing

@testable import PresenceCore

@Suite("The heap of deadlines")
struct DeadlineHeapTests {
    @Test("it always knows the soonest of what a dictionary would hold", arguments: 1...10 as ClosedRange<UInt64>)
    func walk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var heap = DeadlineHeap<Int>()
        var model: [Int: Int] = [:]
        for step in 0..<2000 {
            let slot = Int.random(in: 0..<40, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                heap.set(slot, to: nil)
                model[slot] = nil
            case 1:
                let now = Int.random(in: 0..<100, using: &random)
                let popped = heap.popFirst(by: now)
                let soonest = model.values.min()
                #expect((popped != nil) == (soonest.map { $0 <= now } ?? false), "seed \(seed), step \(step)")
                if let popped { #expect(model.removeValue(forKey: popped) == soonest, "seed \(seed), step \(step)") }
            default:
                let time = Int.random(in: 0..<100, using: &random)
                heap.set(slot, to: time)
                model[slot] = time
            }
            heap.checkInvariants()
            #expect(heap.first == model.values.min(), "seed \(seed), step \(step)")
            #expect(heap.deadline(of: slot) == model[slot], "seed \(seed), step \(step)")
        }
    }
}

import Testing

@testable import HearthServices

@Suite("Turns of password hashes")
struct HashTurnsTests {
    private func order(of turns: inout HashTurns<String>) -> [String] {
        var order: [String] = []
        while let job = turns.next() { order.append(job) }
        return order
    }

    @Test("askers take turns, however much one of them wants")
    func fair() {
        var turns = HashTurns<String>(capacity: 10)
        for job in ["a1", "a2", "a3", "b1", "c1", "b2"] { #expect(turns.add(job, of: .stranger(String(job.prefix(1)))) == nil) }
        #expect(order(of: &turns) == ["a1", "b1", "c1", "a2", "b2", "a3"])
        #expect(turns.count == 0)
    }

    @Test("known askers go first, and strangers get every fourth turn all the same")
    func lanes() {
        var turns = HashTurns<String>(capacity: 10)
        for number in 1...3 { #expect(turns.add("s\(number)", of: .stranger("s")) == nil) }
        for number in 1...5 { #expect(turns.add("k\(number)", of: .known("k")) == nil) }
        #expect(order(of: &turns) == ["k1", "k2", "k3", "s1", "k4", "k5", "s2", "s3"])
    }

    @Test(
        "at the bound the newest job of the greediest goes, who comes as one of many is refused, and strangers take no place of the known"
    )
    func bounded() {
        var turns = HashTurns<String>(capacity: 3)
        for job in ["a1", "a2", "a3"] { #expect(turns.add(job, of: .stranger("a")) == nil) }
        #expect(turns.add("a4", of: .stranger("a")) == "a4")
        #expect(turns.add("b1", of: .stranger("b")) == "a3")
        #expect(turns.add("c1", of: .stranger("c")) == "a2")
        #expect(turns.add("d1", of: .stranger("d")) == "d1")
        #expect(turns.add("k1", of: .known("k")) == nil)
        #expect(turns.count == 4)
        #expect(order(of: &turns) == ["k1", "a1", "b1", "c1"])
    }

    @Test("whatever comes and goes, what waits is counted and nothing is lost", arguments: 0..<20)
    func walk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var turns = HashTurns<Int>(capacity: 8)
        var waiting: Set<Int> = []
        for job in 0..<2_000 {
            if Bool.random(using: &random) {
                let name = "\(Int.random(in: 0..<5, using: &random))"
                waiting.insert(job)
                if let gone = turns.add(job, of: Bool.random(using: &random) ? .known(name) : .stranger(name)) {
                    waiting.remove(gone)
                }
            } else if let next = turns.next() {
                #expect(waiting.remove(next) != nil)
            } else {
                #expect(waiting.isEmpty)
            }
            #expect(turns.count == waiting.count && waiting.count <= 16)
        }
    }
}

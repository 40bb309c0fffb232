import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Turns")
struct FairTurnsTests {
    private static func turns(
        atOnce: Int = 3, ofOwner: Int = 2, waiting: Int = 100, waitingOfOwner: Int = 10
    ) -> FairTurns<String, Int> {
        FairTurns(bounds: .init(atOnce: atOnce, atOnceOfOwner: ofOwner, waiting: waiting, waitingOfOwner: waitingOfOwner))
    }

    private static func begun(_ turns: inout FairTurns<String, Int>) -> [String] {
        var begun: [String] = []
        while let (owner, item) = turns.begin() { begun.append("\(owner)\(item)") }
        return begun
    }

    @Test("owners take turns, and one owner never has all places")
    func fair() {
        var turns = Self.turns()
        for item in 0..<10 { _ = turns.append(item, of: "mallory") }
        #expect(Self.begun(&turns) == ["mallory0", "mallory1"])
        for owner in ["alice", "bob"] { _ = turns.append(0, of: owner) }
        #expect(Self.begun(&turns) == ["alice0"])
        turns.ended(of: "mallory")
        #expect(Self.begun(&turns) == ["mallory2"], "whose turn it was")
        turns.ended(of: "mallory")
        turns.ended(of: "alice")
        #expect(Self.begun(&turns) == ["bob0", "mallory3"])
    }

    @Test("what waits is bounded, in all and of each owner")
    func bounds() {
        var turns = Self.turns(waiting: 5, waitingOfOwner: 3)
        let (hers, his) = ((0..<5).map { turns.append($0, of: "mallory") }, (0..<3).map { turns.append($0, of: "alice") })
        #expect(hers == [true, true, true, false, false])
        #expect(his == [true, true, false])
        #expect(Self.begun(&turns) == ["mallory0", "alice0", "mallory1"])
        let hasRoom = turns.append(9, of: "alice")
        #expect(hasRoom && turns.waitingCount == 3)
    }

    @Test("where too much waits in all, whoever has most waiting gives up the newest to those who have less")
    func room() {
        var turns = Self.turns(atOnce: 0, waiting: 10, waitingOfOwner: 8)
        for item in 0..<8 { _ = turns.append(item, of: "mallory") }
        _ = turns.append(0, of: "alice")
        let early = turns.makeRoom(for: "alice")
        #expect(early == nil, "there is room")
        _ = turns.append(1, of: "alice")
        var given: [String] = []
        for item in 2..<10 {
            let hadRoom = turns.append(item, of: "alice")
            #expect(!hadRoom)
            guard let other = turns.makeRoom(for: "alice") else { break }
            given.append("\(other.owner)\(other.item)")
            let hasRoom = turns.append(item, of: "alice")
            #expect(hasRoom)
        }
        #expect(given == ["mallory7", "mallory6", "mallory5"], "until both have as much")
        let greedy = turns.makeRoom(for: "mallory")
        #expect(greedy == nil)
        let bob = turns.makeRoom(for: "bob")
        #expect(bob != nil && turns.waitingCount == 9)
    }

    @Test("what is taken out has no turn, and its owner's other items keep theirs")
    func removal() {
        var turns = Self.turns(atOnce: 10, ofOwner: 10)
        for item in 0..<3 { _ = turns.append(item, of: "alice") }
        _ = turns.append(1, of: "bob")
        turns.removeAll { $0 == 1 }
        #expect(turns.waitingCount == 2)
        #expect(Self.begun(&turns) == ["alice0", "alice2"])
        for _ in 0..<2 { turns.ended(of: "alice") }
        turns.ended(of: "nobody")
        #expect(turns.runningCount == 0)
    }

    @Test("what is taken counts for over at once, and owners take turns")
    func taken() {
        var turns = Self.turns(atOnce: 1, ofOwner: 1)
        for item in 0..<3 { _ = turns.append(item, of: "mallory") }
        for owner in [10, 20] { _ = turns.append(owner, of: "alice") }
        var taken: [Int] = []
        while let item = turns.take() { taken.append(item) }
        #expect(taken == [0, 10, 1, 20, 2])
        #expect(turns.waitingCount == 0 && turns.runningCount == 0)
    }
}

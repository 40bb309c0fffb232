import Testing

@testable import PresenceCore

@Suite("Open syncs")
struct OpenSyncsTests {
    @Test("a number is taken back once, also when its place was given again meanwhile")
    func once() {
        var syncs = OpenSyncs()
        let first = syncs.begin()
        let second = syncs.begin()
        let firstTwice = [syncs.end(first), syncs.end(first)]
        #expect(firstTwice == [true, false])
        let third = syncs.begin()
        #expect(Set([first, second, third]).count == 3)
        let again = syncs.end(first)
        #expect(!again)
        #expect(syncs.count == 2)
        let others = [syncs.end(third), syncs.end(second)]
        #expect(others == [true, true])
        #expect(syncs.count == 0)
    }

    @Test("walked at random, it says what a set of numbers would say", arguments: [1, 2, 3] as [UInt64])
    func walk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var syncs = OpenSyncs()
        var open: Set<OpenSyncs.Number> = []
        var ended: [OpenSyncs.Number] = []
        for _ in 0..<5_000 {
            if Bool.random(using: &random) {
                let number = syncs.begin()
                #expect(!open.contains(number))
                open.insert(number)
            } else if let number = open.sorted(by: { $0.place < $1.place }).randomElement(using: &random) {
                let wasOpen = syncs.end(number)
                #expect(wasOpen)
                open.remove(number)
                ended.append(number)
            }
            if let number = ended.randomElement(using: &random) {
                let wasOpen = syncs.end(number)
                #expect(!wasOpen)
            }
            #expect(syncs.count == open.count)
        }
    }
}

import Testing

@testable import ClientAPI

@Suite("What is taken of a request after its answer")
struct FarewellTests {
    @Test("it goes on while something comes, and ends with the first interval in which nothing does")
    func silence() {
        var farewell = Farewell()
        for _ in 0..<10 {
            let (isTooMuch, isOver) = (farewell.came(1), farewell.looked())
            #expect(!isTooMuch && !isOver)
        }
        let isOver = farewell.looked()
        #expect(isOver)
    }

    @Test("it ends after so many bytes, and after so long")
    func bounds() {
        var farewell = Farewell()
        let (isTooMuch, isMore) = (farewell.came(Farewell.mostBytes), farewell.came(1))
        #expect(!isTooMuch && isMore)
        var slow = Farewell()
        var looks = 0
        repeat {
            _ = slow.came(1)
            looks += 1
        } while !slow.looked() && looks < 100
        #expect(looks == Farewell.mostLooks)
    }
}

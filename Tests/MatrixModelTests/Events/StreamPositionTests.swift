import MatrixModel
import Testing

@Suite("Stream positions")
struct StreamPositionTests {
    @Test("each position but the last has a later one next to it", arguments: [0, 1, .max - 1] as [Int64])
    func next(rawValue: Int64) {
        let position = StreamPosition(rawValue)
        #expect(position < position.next)
        #expect(position.next.rawValue == rawValue + 1)
    }

    @Test("the last position stays the last")
    func last() {
        #expect(StreamPosition(.max).next == StreamPosition(.max))
    }
}

import Testing

@testable import HearthStore

struct ReadPaceTests {
    @Test("a read waits only behind those for which there is no reader, and as long as reads lately took")
    func wait() {
        var pace = ReadPace(readers: 4)
        for _ in 0..<200 {
            pace.began()
            pace.ended(took: .milliseconds(8))
        }
        for _ in 0..<4 { pace.began() }
        #expect(pace.expectedWait == .zero)
        for _ in 0..<100 { pace.began() }
        #expect(abs(pace.expectedWait / .milliseconds(1) - 200) < 1)
        for _ in 0..<100 { pace.ended(took: nil) }
        #expect(pace.expectedWait == .zero, "failed reads are no longer there, and tell nothing")
    }
}

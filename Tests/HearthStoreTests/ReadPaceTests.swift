import Testing

@testable import HearthStore

struct ReadPaceTests {
    private let start = ContinuousClock.now

    @Test("a read waits only behind those for which there is no reader, and as long as reads lately took")
    func wait() {
        var pace = ReadPace(readers: 4)
        for _ in 0..<200 {
            pace.began()
            pace.ended(took: .milliseconds(8), at: start)
        }
        for _ in 0..<4 { pace.began() }
        #expect(pace.expectedWait() == .zero)
        for _ in 0..<100 { pace.began() }
        #expect(abs(pace.expectedWait() / .milliseconds(1) - 200) < 1)
        #expect(abs(pace.expectedWait(behind: 5) / .milliseconds(1) - 10) < 1, "where those who read take turns")
        for _ in 0..<100 { pace.ended(took: nil, at: start) }
        #expect(pace.expectedWait() == .zero, "failed reads are no longer there, and tell nothing of how long one takes")
    }

    @Test("what reads cost beside their own time counts while others wait, and the time in which none came does not")
    func gaps() {
        var pace = ReadPace(readers: 4)
        var now = start
        for _ in 0..<300 { pace.began() }
        for _ in 0..<200 {
            now += .milliseconds(5)
            pace.ended(took: .milliseconds(1), at: now)
        }
        #expect(abs(pace.expectedWait() / .milliseconds(1) - 96 * 5) < 1)
        for _ in 0..<100 {
            now += .milliseconds(5)
            pace.ended(took: .milliseconds(1), at: now)
        }
        for _ in 0..<100 {
            now += .seconds(1)
            pace.began()
            pace.ended(took: .milliseconds(1), at: now)
        }
        for _ in 0..<14 { pace.began() }
        #expect(abs(pace.expectedWait() / .milliseconds(1) - 10 * 5) < 1)
    }
}

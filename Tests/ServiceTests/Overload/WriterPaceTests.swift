import Testing

@testable import HearthRuntime
@testable import HearthServices

struct WriterPaceTests {
    private func pace(operations: Int, took: Duration, ran: Duration?, times: Int = 100) -> WriterPace {
        var pace = WriterPace(largestBatch: 256, longestBatch: .seconds(60))
        for _ in 0..<times {
            pace.batchBegan(operations)
            pace.batchEnded(took: took, ran: ran)
        }
        return pace
    }

    private func isNear(_ wait: Duration, _ milliseconds: Int) -> Bool {
        abs((wait - .milliseconds(milliseconds)) / .milliseconds(1)) < 1
    }

    @Test("before the first transaction nothing is known, and nothing foretold")
    func unknown() {
        #expect(WriterPace(largestBatch: 256, longestBatch: .seconds(60)).expectedWait(behind: 5000, running: .zero) == .zero)
    }

    @Test("the wait is the work of all that is ahead, and a commit for each full transaction of it")
    func ahead() {
        // 1 ms each operation, 20 ms each commit.
        var pace = pace(operations: 10, took: .milliseconds(30), ran: .milliseconds(10))
        #expect(isNear(pace.expectedWait(behind: 0, running: .zero), 0))
        #expect(isNear(pace.expectedWait(behind: 100, running: .zero), 100))
        #expect(isNear(pace.expectedWait(behind: 512, running: .zero), 552))
        pace.batchBegan(50)
        #expect(
            isNear(pace.expectedWait(behind: 100, running: .milliseconds(5)), 145),
            "what runs is ahead too, but for what of it is done")
    }

    @Test("a slow disk alone is no queue: what waits for it goes along with the next transaction")
    func slowDisk() {
        let pace = pace(operations: 1, took: .milliseconds(500), ran: .microseconds(100))
        #expect(pace.expectedWait(behind: 200, running: .zero) < .milliseconds(25))
    }

    @Test("a transaction that does not end is a queue of its own")
    func stuck() {
        var pace = pace(operations: 1, took: .milliseconds(2), ran: .milliseconds(1))
        pace.batchBegan(1)
        #expect(pace.expectedWait(behind: 0, running: .milliseconds(900)) < .milliseconds(5))
        #expect(pace.expectedWait(behind: 0, running: .seconds(10)) >= .seconds(10))
    }

    @Test("a transaction takes as many operations as run in its time, and very few only where commits are cheap beside them")
    func batchSize() {
        for (each, commit, size) in [
            (0, 0, 256), (100, 0, 256), (1_000, 0, 100), (2_000, 0, 50), (50_000, 0, 2), (300_000, 10_000, 1),
            (50_000, 100_000, 4), (300_000, 500_000, 4),
        ] {
            var pace = WriterPace(largestBatch: 256, longestBatch: .milliseconds(100))
            #expect(pace.batchSize == 256)
            for _ in 0..<200 {
                pace.batchBegan(10)
                pace.batchEnded(took: .microseconds(each * 10 + commit), ran: .microseconds(each * 10))
            }
            #expect(abs(pace.batchSize - size) <= size / 50, "\(each) µs each, \(commit) µs a commit: \(pace.batchSize)")
        }
    }

    @Test("a failed transaction tells nothing of the next")
    func failed() {
        var pace = pace(operations: 10, took: .milliseconds(30), ran: .milliseconds(10))
        pace.batchBegan(256)
        pace.batchEnded(took: .seconds(30), ran: nil)
        #expect(isNear(pace.expectedWait(behind: 100, running: .zero), 100))
    }

    @Test("of the files that may be open, the database keeps its share, and a setting never takes it")
    func files() {
        for limit in [0, 100, 200, 1024, 20_000, 1_048_576] {
            let allotment = FileAllotment(limit: limit)
            #expect(allotment.connections >= 16)
            if limit >= 256 { #expect(allotment.connections + allotment.contentFiles + 128 <= limit) }
            #expect(FileAllotment(limit: limit, connections: 10_000_000) == allotment)
        }
        #expect(FileAllotment(limit: 20_000).connections == 19_360)
        #expect(FileAllotment(limit: 20_000, connections: 50).connections == 50)
    }
}

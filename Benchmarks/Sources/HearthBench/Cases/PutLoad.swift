/// Users who put one value and the other in turn.
@BenchActor
final class PutLoad {
    let crowd: [BenchUser]
    let values: [String]
    private var puts: [Int]
    var latencies = Latencies()

    init(_ crowd: [BenchUser], values: [String]) {
        self.crowd = crowd
        self.values = values
        puts = Array(repeating: 0, count: crowd.count)
    }

    /// What each user put last.
    var last: [String] { puts.map { values[$0 % values.count] } }

    func run(workers: Int, seconds: Double) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        try await concurrently(Array(0..<min(workers, crowd.count))) { worker in
            while ContinuousClock.now < end {
                for index in stride(from: worker, to: self.crowd.count, by: workers) { try await self.put(index) }
            }
        }
    }

    private func put(_ index: Int) async throws {
        puts[index] += 1
        let start = ContinuousClock.now
        try await crowd[index].putPresence(values[puts[index] % values.count])
        latencies.note(ContinuousClock.now - start)
    }
}

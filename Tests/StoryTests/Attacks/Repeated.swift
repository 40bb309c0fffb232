/// Sends one request over and over, over so many connections; returns how often each status came.
func repeated(
    over connections: Int, for time: Duration, _ request: @escaping @Sendable () async throws -> Int
) async throws -> [Int: Int] {
    let deadline = ContinuousClock.now + time
    return try await withThrowingTaskGroup(of: [Int: Int].self) { group in
        for _ in 0..<connections {
            group.addTask {
                var statuses: [Int: Int] = [:]
                while ContinuousClock.now < deadline { statuses[try await request(), default: 0] += 1 }
                return statuses
            }
        }
        return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    }
}

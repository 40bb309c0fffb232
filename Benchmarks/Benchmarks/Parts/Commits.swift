import Benchmark
import HearthServices
import MatrixModel

/// The one writer over a real file, each commit on the disk, when so many operations wait at a time. An iteration is a thousand events.
@Sendable func measureCommits() {
    var configuration = Benchmark.defaultConfiguration
    configuration.metrics.append(.cpuTotal)
    for waiting in [1, 10, 100] {
        Benchmark("Commit: \(waiting) waiting", configuration: configuration) { benchmark in
            let scratch = try ScratchStore()
            let rooms = try scratch.makeRooms(waiting)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await scratch.writer.run() }
                benchmark.startMeasurement()
                try await publish(perRoom: 1_000 / waiting, in: rooms, through: scratch.writer)
                benchmark.stopMeasurement()
                scratch.writer.close()
                try await group.waitForAll()
            }
            try scratch.discard()
        }
    }
}

/// One operation a room waits at a time.
private func publish(perRoom count: Int, in rooms: [RoomID], through writer: RoomWriter) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for room in rooms {
            group.addTask {
                for number in 0..<count {
                    _ = try await writer.perform(ScratchStore.publication(number % 2 == 0 ? "online" : "busy", in: room))
                }
            }
        }
        try await group.waitForAll()
    }
}

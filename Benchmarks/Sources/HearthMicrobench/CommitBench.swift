import Figures
import HearthServices
import MatrixModel

/// The one writer over a real file, each commit on the disk: events a second when so many operations wait at a time.
struct CommitBench {
    var seconds: Double

    func run(_ report: Report) async throws {
        for waiting in [1, 10, 100] {
            let scratch = try ScratchStore()
            let rooms = try scratch.makeRooms(waiting)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await scratch.writer.run() }
                let (start, cpu) = (ContinuousClock.now, CPUTime())
                let events = try await load(scratch.writer, rooms, until: start + .seconds(seconds))
                let (elapsed, used) = (ContinuousClock.now - start, cpu.microseconds)
                scratch.writer.close()
                try await group.waitForAll()
                let name = "commit, \(waiting) waiting"
                report.figure("events a second", Double(events) / (elapsed / .seconds(1)), "/s", in: name)
                report.figure("CPU an event", used / Double(events), "us", in: name)
            }
            try scratch.discard()
        }
    }

    /// Publishes in each room again and again: one operation a room waits at a time.
    private func load(_ writer: RoomWriter, _ rooms: [RoomID], until end: ContinuousClock.Instant) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for room in rooms {
                group.addTask {
                    var sent = 0
                    while ContinuousClock.now < end {
                        _ = try await writer.perform(ScratchStore.publication(sent % 2 == 0 ? "online" : "busy", in: room))
                        sent += 1
                    }
                    return sent
                }
            }
            return try await group.reduce(0, +)
        }
    }
}
